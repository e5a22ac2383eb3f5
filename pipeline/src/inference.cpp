#include "inference.h"

#include <ATen/Context.h>
#include <labelbeam/models/torch_step_model.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace labelbeam::pipeline {
namespace {

/// Calls `run(rows, encoding)` batch by batch, documents of similar length together.
template <typename Run>
void for_each_batch(const models::SetModel& model, EncodedDocuments documents,
                    std::size_t batch_size, const Run& run) {
  const torch::InferenceMode inference;
  std::vector<std::size_t> order(documents.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return documents[a].tokens.size() < documents[b].tokens.size();
  });
  for (std::size_t begin = 0; begin < order.size(); begin += batch_size) {
    const std::span<const std::size_t> rows =
        std::span(order).subspan(begin, std::min(batch_size, order.size() - begin));
    std::vector<const std::vector<WordId>*> tokens;
    for (std::size_t row : rows) tokens.push_back(&documents[row].tokens);
    run(rows, model->encode(models::make_batch(tokens, model->device()), nullptr));
  }
}

/// The sigmoid's logits of a batch in double, on the CPU: [B, L].
torch::Tensor head_logits(const models::SetModel& model, const models::Encoding& encoding) {
  return model->classifier()->forward(encoding).to(torch::kCPU, torch::kFloat64);
}

}  // namespace

torch::Device parse_device(const std::string& name) {
  torch::Device device(torch::kCPU);
  try {
    device = torch::Device(name);
  } catch (const c10::Error&) {
    throw std::invalid_argument("the device \"" + name + "\" is none of cpu, cuda, cuda:N");
  }
  if (device.is_cuda() && !at::globalContext().hasCUDA()) {
    throw std::invalid_argument(
        "the device \"" + name +
        "\" is not there: this build or machine has no CUDA; use --device cpu");
  }
  return device;
}

std::unordered_set<LabelSet> training_support(const models::ModelDescription& description) {
  std::unordered_set<LabelSet> support;
  for (const auto& [set, rows] : description.training_sets) support.insert(set);
  return support;
}

ScoreMatrix sigmoid_scores(const models::SetModel& model, EncodedDocuments documents,
                           std::size_t batch_size, const Done& done) {
  ScoreMatrix scores(documents.size(), model->semantics().num_labels);
  std::size_t finished = 0;
  for_each_batch(model, documents, batch_size,
                 [&](std::span<const std::size_t> rows, const models::Encoding& encoding) {
                   const torch::Tensor batch =
                       torch::sigmoid(head_logits(model, encoding)).contiguous();
                   const double* from = batch.data_ptr<double>();
                   for (std::size_t row : rows) {
                     std::copy_n(from, scores.num_labels, scores.row(row).begin());
                     from += scores.num_labels;
                   }
                   finished += rows.size();
                   if (done) done(finished);
                 });
  return scores;
}

std::vector<SetDistribution> decode(const models::SetModel& model, EncodedDocuments documents,
                                    const SessionSearch& search, std::size_t batch_size,
                                    const Done& done) {
  std::vector<SetDistribution> distributions(documents.size());
  std::size_t finished = 0;
  for_each_batch(model, documents, batch_size,
                 [&](std::span<const std::size_t> rows, const models::Encoding& encoding) {
                   models::TorchStepModel session(model, encoding);
                   std::vector<SetDistribution> found = search(session, rows);
                   for (std::size_t i = 0; i < rows.size(); ++i) {
                     distributions[rows[i]] = std::move(found[i]);
                   }
                   finished += rows.size();
                   if (done) done(finished);
                 });
  return distributions;
}

std::vector<double> decoder_set_nll(const models::SetModel& model, EncodedDocuments documents,
                                    std::size_t batch_size) {
  std::vector<double> nll(documents.size());
  for_each_batch(
      model, documents, batch_size,
      [&](std::span<const std::size_t> rows, const models::Encoding& encoding) {
        std::vector<const LabelSet*> sets;
        for (std::size_t row : rows) sets.push_back(&documents[row].labels);
        const torch::Tensor batch =
            model->decoder()->nll(encoding, sets, nullptr).to(torch::kCPU, torch::kFloat64);
        for (std::size_t i = 0; i < rows.size(); ++i) nll[rows[i]] = batch.data_ptr<double>()[i];
      });
  return nll;
}

std::vector<double> sigmoid_set_nll(const models::SetModel& model, EncodedDocuments documents,
                                    std::size_t batch_size) {
  std::vector<double> nll(documents.size());
  const bool forbid_empty = model->semantics().empty_set == EmptySet::forbid;
  for_each_batch(
      model, documents, batch_size,
      [&](std::span<const std::size_t> rows, const models::Encoding& encoding) {
        // From logits, since probabilities round to 0 and 1.
        const torch::Tensor logits = head_logits(model, encoding);
        torch::Tensor targets = torch::zeros_like(logits);
        for (std::size_t i = 0; i < rows.size(); ++i) {
          for (LabelId label : documents[rows[i]].labels) {
            targets[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(label)] = 1.0;
          }
        }
        torch::Tensor batch =
            torch::binary_cross_entropy_with_logits(logits, targets, {}, {}, torch::Reduction::None)
                .sum(1);
        if (forbid_empty) {
          const torch::Tensor log_empty = torch::log_sigmoid(-logits).sum(1);
          batch = batch + torch::log1p(-torch::exp(log_empty));
        }
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const bool is_forbidden = forbid_empty && documents[rows[i]].labels.empty();
          nll[rows[i]] =
              is_forbidden ? std::numeric_limits<double>::infinity() : batch.data_ptr<double>()[i];
        }
      });
  return nll;
}

}  // namespace labelbeam::pipeline
