#include <labelbeam/decoders/best_first_search.h>
#include <labelbeam/decoders/independent.h>
#include <labelbeam/decoders/independent_step_model.h>
#include <labelbeam/decoders/thresholding.h>
#include <labelbeam/models/model_folder.h>
#include <labelbeam/pipeline/predictor.h>
#include <labelbeam/pipeline/threshold_strategies.h>
#include <labelbeam/stable_hash.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "encode.h"
#include "inference.h"
#include "set_search.h"

namespace labelbeam::pipeline {
namespace {

void check(const PredictOptions& options) {
  if (options.num_sets < 1)
    throw std::invalid_argument("PredictOptions: num_sets must be at least 1, got 0");
  if (options.batch_size < 1)
    throw std::invalid_argument("PredictOptions: batch_size must be at least 1, got 0");
}

std::string decision_text(const models::TunedChoice& choice) {
  if (!is_threshold_strategy(choice.strategy)) return choice.strategy;
  ThresholdStrategy strategy;
  strategy.name = choice.strategy;
  if (!choice.target.empty()) strategy.target = eval::parse_metric(choice.target);
  return strategy.text();
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

  /// Null where nothing is asked of answers.
  std::shared_ptr<const decoders::Constraints> constraints(const PredictOptions& options,
                                                           const std::optional<Rule>& rule) const {
    if (options.constraints == ConstraintSpec{}) return nullptr;
    if (!rule) {
      throw std::invalid_argument("thresholds do not go with constraints: name a decision rule");
    }
    rule->check_constrained();
    return std::make_shared<decoders::Constraints>(options.constraints, description.semantics,
                                                   decoders::ConstraintOptions{},
                                                   &description.labels);
  }

  /// The training sets that `support` may answer with under constraints.
  std::unordered_set<LabelSet> valid_support(const std::optional<Rule>& rule,
                                             const decoders::Constraints* constraints) const {
    std::unordered_set<LabelSet> valid;
    if (constraints == nullptr || !rule || !rule->needs_support()) return valid;
    for (const LabelSet& set : support) {
      if (constraints->is_valid(set)) valid.insert(set);
    }
    if (!valid.empty()) return valid;
    throw std::invalid_argument("no label set of the training data satisfies the constraints");
  }

  std::vector<DocumentDistribution> decode(std::span<const std::string> texts,
                                           std::span<const models::EncodedDocument> documents,
                                           const SetSearch& search, std::size_t batch_size) const {
    std::vector<SetDistribution> found = pipeline::decode(
        model, documents,
        [&](StepModel& session, std::span<const std::size_t> rows) {
          std::vector<std::uint64_t> keys;
          for (std::size_t row : rows) keys.push_back(stable_hash(texts[row]));
          return search(session, keys);
        },
        batch_size);
    std::vector<DocumentDistribution> result;
    for (SetDistribution& sets : found) result.push_back({std::move(sets), std::nullopt});
    return result;
  }

  /// The distributions of a model without a decoder: its labels are independent.
  std::vector<DocumentDistribution> independent(
      const ScoreMatrix& probabilities, const PredictOptions& options,
      std::shared_ptr<const decoders::Constraints> constraints) const {
    std::vector<DocumentDistribution> result;
    if (constraints) {
      const decoders::BestFirstSearch search({.num_sets = options.num_sets,
                                              .max_scored = options.max_scored,
                                              .constraints = std::move(constraints)});
      for (std::size_t first = 0; first < probabilities.num_rows; first += options.batch_size) {
        ScoreMatrix batch(std::min(options.batch_size, probabilities.num_rows - first),
                          probabilities.num_labels);
        for (std::size_t i = 0; i < batch.num_rows; ++i) {
          std::ranges::copy(probabilities.row(first + i), batch.row(i).begin());
        }
        decoders::IndependentStepModel session(batch, description.semantics);
        for (SetDistribution& sets : search.search(session)) {
          result.push_back({std::move(sets), std::nullopt});
        }
      }
      return result;
    }
    const EmptySet empty_set = description.semantics.empty_set;
    for (std::size_t i = 0; i < probabilities.num_rows; ++i) {
      const std::span<const double> row = probabilities.row(i);
      result.push_back({decoders::independent_distribution(row, {options.num_sets, empty_set}),
                        decoders::independent_size_marginals(row, empty_set)});
    }
    return result;
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

bool Predictor::has_distribution() const {
  return models::has_distribution(impl_->description.options);
}

std::vector<std::string> Predictor::decisions() const {
  std::vector<std::string> names;
  if (has_distribution()) {
    for (const Rule& rule : standard_rules()) names.push_back(rule.name());
  }
  for (const models::TunedChoice& choice : impl_->description.tuned) {
    names.push_back(decision_text(choice));
  }
  return names;
}

std::vector<DocumentPrediction> Predictor::predict(std::span<const std::string> texts,
                                                   const PredictOptions& options) const {
  check(options);
  const std::vector<models::EncodedDocument> documents = impl_->encode(texts);
  const std::optional<Rule> rule = Rule::find(options.decision);
  if (rule && !has_distribution()) {
    throw std::invalid_argument(
        "this model was trained with the loss " +
        models::loss_name(impl_->description.options.loss) +
        ", whose scores are no probabilities: the rule " + rule->name() +
        " needs them; decide by thresholds, for example global:f1_micro or per_label");
  }
  const Thresholds* thresholds = rule ? nullptr : &impl_->thresholds(options.decision);
  const auto constraints = impl_->constraints(options, rule);
  const bool has_decoder = models::has_decoder(impl_->description.options.system);
  // Made for every model, so that what it refuses is refused alike.
  const SetSearch search = make_search(options, impl_->description.semantics, constraints);
  const std::unordered_set<LabelSet> valid_support = impl_->valid_support(rule, constraints.get());

  ScoreMatrix probabilities;
  if (!has_decoder || !rule) {
    probabilities = pipeline::sigmoid_scores(impl_->model, documents, options.batch_size);
  }
  std::vector<DocumentDistribution> found(has_distribution() ? 0 : texts.size());
  if (has_distribution()) {
    found = has_decoder ? impl_->decode(texts, documents, search, options.batch_size)
                        : impl_->independent(probabilities, options, constraints);
  }
  std::vector<DocumentPrediction> answers(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    DocumentPrediction& answer = answers[i];
    if (!rule) {
      answer.labels = decoders::apply_thresholds(probabilities.row(i), *thresholds);
    } else if (!rule->is_for_collections()) {
      decoders::Decision decision = rule->decide(
          found[i],
          {eval::Convention{}, constraints ? &valid_support : &impl_->support, constraints.get()});
      answer.labels = std::move(decision.labels);
      answer.expected_utility = decision.expected_utility;
      answer.margin = decision.margin;
      answer.certified = decision.certified;
    }
    if (!has_distribution()) {
      const std::span<const double> scores = std::as_const(probabilities).row(i);
      answer.scores.assign(scores.begin(), scores.end());
      continue;
    }
    answer.distribution = std::move(found[i].sets);
    answer.scores.resize(answer.distribution.marginals.size());
    copy_marginals(answer.distribution, answer.scores);
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
                         const LabelVocab& labels, std::size_t num_sets, bool certificate) {
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
  const SetDistribution& found = answer.distribution;
  const std::span listed = std::span(found.sets).first(std::min(num_sets, found.sets.size()));
  for (const ScoredSet& set : listed) {
    prediction.sets.push_back({names(set.labels), std::min(set.log_prob, 0.0)});
  }
  prediction.residual = std::clamp(found.valid.upper - found_mass(listed), 0.0, 1.0);
  if (certificate) {
    prediction.certificate = {found.certified, answer.certified, answer.expected_utility,
                              answer.margin, found.valid};
  }
  return prediction;
}

}  // namespace labelbeam::pipeline
