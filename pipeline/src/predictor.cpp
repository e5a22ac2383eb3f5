#include <labelbeam/decoders/independent.h>
#include <labelbeam/decoders/thresholding.h>
#include <labelbeam/models/model_folder.h>
#include <labelbeam/pipeline/predictor.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "encode.h"
#include "inference.h"

namespace labelbeam::pipeline {
namespace {

void check(const PredictOptions& options) {
  if (options.num_sets < 1)
    throw std::invalid_argument("PredictOptions: num_sets must be at least 1, got 0");
  if (options.batch_size < 1)
    throw std::invalid_argument("PredictOptions: batch_size must be at least 1, got 0");
}

}  // namespace

struct Predictor::Impl {
  models::ModelDescription description;
  models::SetModel model{nullptr};
  TextEncoder encoder;
  std::unordered_set<LabelSet> support;

  explicit Impl(models::TrainedModel trained)
      : description(std::move(trained.description)),
        model(std::move(trained.model)),
        encoder(description.tokenizer, description.words, description.max_tokens),
        support(training_support(description)) {}

  std::vector<models::EncodedDocument> encode(std::span<const std::string> texts) const {
    std::vector<models::EncodedDocument> documents;
    documents.reserve(texts.size());
    for (const std::string& text : texts) documents.push_back({encoder.encode(text), {}, 1.0});
    return documents;
  }

  /// The thresholds of a decision, as validation data chose them.
  const Thresholds& thresholds(const std::string& decision) const {
    const ThresholdStrategy strategy = ThresholdStrategy::parse(decision);
    const std::string target = strategy.target ? eval::metric_name(*strategy.target) : "";
    for (const models::TunedChoice& choice : description.tuned) {
      if (choice.strategy == strategy.name && choice.target == target) return choice.thresholds;
    }
    throw std::invalid_argument("Predictor: this model has no thresholds for the decision \"" +
                                decision + "\"");
  }

  /// The answers of a model without a decoder: its labels are independent.
  DocumentDistribution independent(std::span<const double> probabilities,
                                   std::size_t num_sets) const {
    const EmptySet empty_set = description.semantics.empty_set;
    return {decoders::independent_distribution(probabilities, {num_sets, empty_set}),
            decoders::independent_size_marginals(probabilities, empty_set)};
  }
};

Predictor::Predictor(const std::string& folder, const std::string& device)
    : impl_(std::make_unique<Impl>(models::load_model(folder, parse_device(device)))) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

const LabelVocab& Predictor::labels() const { return impl_->description.labels; }

std::string Predictor::system() const {
  return models::system_name(impl_->description.options.system);
}

std::vector<std::string> Predictor::decisions() const {
  std::vector<std::string> names;
  for (const Rule& rule : standard_rules()) names.push_back(rule.name());
  for (const models::TunedChoice& choice : impl_->description.tuned) {
    names.push_back(choice.target.empty() || choice.strategy != "global"
                        ? choice.strategy
                        : choice.strategy + ":" + choice.target);
  }
  return names;
}

std::vector<DocumentPrediction> Predictor::predict(std::span<const std::string> texts,
                                                   const PredictOptions& options) const {
  check(options);
  const models::System system = impl_->description.options.system;
  const std::vector<models::EncodedDocument> documents = impl_->encode(texts);
  const std::optional<Rule> rule = Rule::find(options.decision);
  const Thresholds* thresholds = rule ? nullptr : &impl_->thresholds(options.decision);

  ScoreMatrix probabilities;
  if (!models::has_decoder(system) || !rule) {
    probabilities = pipeline::sigmoid_scores(impl_->model, documents, options.batch_size);
  }
  std::vector<SetDistribution> decoded;
  if (models::has_decoder(system)) {
    const decoders::BeamOptions beam{.beam_size = options.beam_size, .num_sets = options.num_sets};
    decoded = decode(impl_->model, documents, beam, options.batch_size);
  }

  std::vector<DocumentPrediction> answers(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    DocumentDistribution document =
        models::has_decoder(system) ? DocumentDistribution{std::move(decoded[i]), std::nullopt}
                                    : impl_->independent(probabilities.row(i), options.num_sets);
    DocumentPrediction& answer = answers[i];
    if (!rule) {
      answer.labels = decoders::apply_thresholds(probabilities.row(i), *thresholds);
    } else if (!rule->is_for_collections()) {
      answer.labels = rule->decide(document, {eval::Convention{}, &impl_->support});
    }
    answer.distribution = std::move(document.sets);
    for (const Marginal& marginal : answer.distribution.marginals)
      answer.scores.push_back(marginal.estimate);
  }
  if (rule && rule->is_for_collections()) decide_collection(*rule, answers);
  return answers;
}

DocumentPrediction Predictor::predict(const std::string& text,
                                      const PredictOptions& options) const {
  return std::move(predict(std::span(&text, 1), options).front());
}

void decide_collection(const Rule& rule, std::span<DocumentPrediction> documents) {
  ScoreMatrix marginals(documents.size(), documents.empty() ? 0 : documents[0].scores.size());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (documents[i].scores.size() != marginals.num_labels) {
      throw std::invalid_argument(
          "decide_collection: the documents have different numbers of labels");
    }
    std::ranges::copy(documents[i].scores, marginals.row(i).begin());
  }
  std::vector<LabelSet> answers = rule.decide(marginals);
  for (std::size_t i = 0; i < documents.size(); ++i) documents[i].labels = std::move(answers[i]);
}

Prediction to_prediction(const std::string& id, const DocumentPrediction& answer,
                         const LabelVocab& labels, std::size_t num_sets) {
  const auto names = [&](const LabelSet& set) {
    std::vector<std::string> result;
    for (LabelId label : set) result.push_back(labels.name(label));
    return result;
  };
  Prediction prediction;
  prediction.id = id;
  prediction.labels = names(answer.labels);
  for (std::size_t label = 0; label < answer.scores.size(); ++label) {
    prediction.scores.emplace_back(labels.name(static_cast<LabelId>(label)), answer.scores[label]);
  }
  std::sort(prediction.scores.begin(), prediction.scores.end());
  double listed = 0.0;
  for (const ScoredSet& set : answer.distribution.sets) {
    if (prediction.sets.size() == num_sets) break;
    prediction.sets.push_back({names(set.labels), std::min(set.log_prob, 0.0)});
    listed += std::exp(set.log_prob);
  }
  prediction.residual = std::clamp(1.0 - listed, 0.0, 1.0);
  return prediction;
}

}  // namespace labelbeam::pipeline
