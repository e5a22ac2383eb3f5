#include <labelbeam/models/label_decoder.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "shared_matrix.h"

namespace labelbeam::models {
namespace {

constexpr double kEmbeddingBound = 0.1;  // of the uniform distribution that embeddings start from

/// What is added to the logits: 0 for admissible tokens, -inf for the others.
torch::Tensor make_masks(const SetSemantics& semantics) {
  const auto rows = static_cast<std::int64_t>(semantics.num_labels + 1);
  const auto columns = static_cast<std::int64_t>(semantics.num_tokens());
  torch::Tensor masks = torch::zeros({rows, columns});
  auto entry = masks.accessor<float, 2>();
  std::vector<unsigned char> mask(semantics.num_tokens());
  for (std::int64_t row = 0; row < rows; ++row) {
    LabelSet emitted;
    if (row > 0) emitted.insert(semantics.order.by_rank()[static_cast<std::size_t>(row - 1)]);
    admissible_tokens(semantics, emitted, mask);
    for (std::int64_t v = 0; v < columns; ++v) {
      if (!mask[static_cast<std::size_t>(v)])
        entry[row][v] = -std::numeric_limits<float>::infinity();
    }
  }
  return masks;
}

/// The teacher-forced steps of a batch. Documents are sorted by falling set size, so that the rows
/// still running at a step are the first ones.
struct TeacherForcing {
  std::vector<std::int64_t> documents;  // [B]: the document at each sorted row
  std::vector<std::vector<std::int64_t>>
      inputs;                           // a step: the token read (END stands for the start)
  std::vector<std::int64_t> targets;    // step after step: the token to predict,
  std::vector<std::int64_t> mask_rows;  // its row in the mask table,
  std::vector<std::int64_t> owners;     // and its document
};

TeacherForcing teacher_forcing(const SetSemantics& semantics,
                               std::span<const LabelSet* const> sets) {
  TeacherForcing plan;
  plan.documents.resize(sets.size());
  std::iota(plan.documents.begin(), plan.documents.end(), std::int64_t{0});
  std::stable_sort(plan.documents.begin(), plan.documents.end(),
                   [&](std::int64_t a, std::int64_t b) {
                     return sets[static_cast<std::size_t>(a)]->size() >
                            sets[static_cast<std::size_t>(b)]->size();
                   });
  std::vector<std::vector<LabelId>> sequences;
  for (std::int64_t document : plan.documents) {
    sequences.push_back(semantics.order.sequence(*sets[static_cast<std::size_t>(document)]));
  }
  const std::size_t steps = sequences.front().size() + 1;
  for (std::size_t step = 0; step < steps; ++step) {
    std::vector<std::int64_t>& inputs = plan.inputs.emplace_back();
    for (std::size_t row = 0; row < sequences.size() && sequences[row].size() >= step; ++row) {
      const std::vector<LabelId>& sequence = sequences[row];
      inputs.push_back(step == 0 ? semantics.end() : sequence[step - 1]);
      plan.targets.push_back(step < sequence.size() ? sequence[step] : semantics.end());
      plan.mask_rows.push_back(
          step == 0 ? 0 : static_cast<std::int64_t>(semantics.order.rank(sequence[step - 1])) + 1);
      plan.owners.push_back(plan.documents[row]);
    }
  }
  return plan;
}

torch::Tensor to_tensor(const std::vector<std::int64_t>& values, torch::Device device) {
  return torch::tensor(values, torch::kInt64).to(device);
}

}  // namespace

LabelDecoderImpl::LabelDecoderImpl(const SetSemantics& semantics, const ModelOptions& options,
                                   Noise& noise)
    : semantics_(semantics), dropout_(options.decoder_dropout) {
  check(semantics);
  TORCH_CHECK(semantics.order.is_fixed(), "LabelDecoder: training needs a fixed label order");
  const auto tokens = static_cast<std::int64_t>(semantics.num_tokens());
  const std::int64_t hidden = options.decoder_hidden_size;
  const std::int64_t memory = BiLstmEncoderImpl::memory_size(options);
  const std::int64_t summary = BiLstmEncoderImpl::summary_size(options);
  const std::int64_t label = options.label_embedding_size;
  masks_ = register_buffer("masks", make_masks(semantics));
  label_embeddings_ =
      register_parameter("label_embeddings", uniform({tokens, label}, kEmbeddingBound, noise));
  input_ = add("cell_input", {4 * hidden, label + hidden}, hidden, noise);
  recurrent_ = add("cell_recurrent", {4 * hidden, hidden}, hidden, noise);
  input_bias_ = add("cell_input_bias", {4 * hidden}, hidden, noise);
  recurrent_bias_ = add("cell_recurrent_bias", {4 * hidden}, hidden, noise);
  start_weight_ = add("start_weight", {summary, 2 * hidden}, summary, noise);
  start_bias_ = add("start_bias", {2 * hidden}, summary, noise);
  key_weight_ = add("key_weight", {memory, hidden}, memory, noise);
  combine_weight_ = add("combine_weight", {hidden + memory, hidden}, hidden + memory, noise);
  combine_bias_ = add("combine_bias", {hidden}, hidden + memory, noise);
  output_weight_ = add("output_weight", {hidden, tokens}, hidden, noise);
  output_bias_ = register_parameter(
      "output_bias", torch::zeros({tokens}, output_weight_.options().requires_grad(false)));
}

torch::Tensor LabelDecoderImpl::add(const std::string& name, torch::IntArrayRef shape,
                                    std::int64_t fan_in, Noise& noise) {
  return register_parameter(name,
                            uniform(shape, 1.0 / std::sqrt(static_cast<double>(fan_in)), noise));
}

DecoderMemory LabelDecoderImpl::attend_to(const Encoding& encoding) const {
  return {encoding.memory, torch::matmul(encoding.memory, key_weight_), encoding.mask};
}

/// What every step multiplies by, and the mask of the encoder's memory.
struct LabelDecoderImpl::StepMatrices {
  SharedMatrix input, recurrent, combine;
  std::optional<SharedMatrix> query;  // [D_h, 2H]; where `keys` is the memory itself
  SharedMatrix keys, values;          // [B, D_h or 2H, T], [B, T, 2H]
  torch::Tensor padding;              // [B, 1, T] bool
};

LabelDecoderImpl::StepMatrices LabelDecoderImpl::step_matrices(const DecoderMemory& memory) const {
  return {SharedMatrix(input_.t()),
          SharedMatrix(recurrent_.t()),
          SharedMatrix(combine_weight_),
          std::nullopt,
          SharedMatrix(memory.keys.transpose(1, 2)),
          SharedMatrix(memory.values),
          ~memory.mask.unsqueeze(1)};
}

LabelDecoderImpl::StepMatrices LabelDecoderImpl::training_matrices(const Encoding& encoding) const {
  // (M W) q = M (W q): a document has fewer teacher-forced steps than tokens, so projecting the
  // queries is the smaller product.
  return {SharedMatrix(input_.t()),
          SharedMatrix(recurrent_.t()),
          SharedMatrix(combine_weight_),
          SharedMatrix(key_weight_.t()),
          SharedMatrix(encoding.memory.transpose(1, 2)),
          SharedMatrix(encoding.memory),
          ~encoding.mask.unsqueeze(1)};
}

DecoderState LabelDecoderImpl::start(const Encoding& encoding, const DecoderMemory& memory) const {
  return start(encoding, step_matrices(memory));
}

DecoderState LabelDecoderImpl::start(const Encoding& encoding, const StepMatrices& matrices) const {
  const std::vector<torch::Tensor> parts =
      torch::tanh(torch::addmm(start_bias_, encoding.summary, start_weight_)).chunk(2, 1);
  const std::int64_t documents = encoding.summary.size(0);
  const torch::Tensor start_tokens =
      torch::full({documents}, static_cast<std::int64_t>(semantics_.end()),
                  torch::TensorOptions().dtype(torch::kInt64).device(encoding.summary.device()));
  return step({parts[0], parts[1], torch::zeros_like(parts[0])}, start_tokens, documents, matrices);
}

DecoderState LabelDecoderImpl::step(const DecoderState& state, const torch::Tensor& labels,
                                    const DecoderMemory& memory) const {
  return step(state, labels, memory.values.size(0), step_matrices(memory));
}

DecoderState LabelDecoderImpl::step(const DecoderState& state, const torch::Tensor& labels,
                                    std::int64_t documents, const StepMatrices& matrices) const {
  const torch::Tensor read =
      torch::cat({torch::embedding(label_embeddings_, labels), state.combined}, 1);
  const std::vector<torch::Tensor> gates =
      (matrices.input.product(read) + matrices.recurrent.product(state.hidden) +
       (input_bias_ + recurrent_bias_))
          .chunk(4, 1);  // input, forget, candidate, output
  const torch::Tensor cell =
      torch::sigmoid(gates[1]) * state.cell + torch::sigmoid(gates[0]) * torch::tanh(gates[2]);
  const torch::Tensor hidden = torch::sigmoid(gates[3]) * torch::tanh(cell);
  const torch::Tensor projected = matrices.query ? matrices.query->product(hidden) : hidden;
  const torch::Tensor queries = projected.view({documents, -1, projected.size(1)});
  const torch::Tensor scores = matrices.keys
                                   .product(queries)  // [B, K, T] for K rows a document
                                   .masked_fill(matrices.padding.narrow(0, 0, documents),
                                                -std::numeric_limits<float>::infinity());
  const torch::Tensor context = matrices.values.product(torch::softmax(scores, 2));  // [B, K, 2H]
  const torch::Tensor combined = torch::tanh(
      matrices.combine.product(torch::cat({hidden, context.reshape({hidden.size(0), -1})}, 1)) +
      combine_bias_);
  return {hidden, cell, combined};
}

torch::Tensor LabelDecoderImpl::logits(const torch::Tensor& combined) const {
  return torch::addmm(output_bias_, combined, output_weight_);
}

torch::Tensor LabelDecoderImpl::nll(const Encoding& encoding, std::span<const LabelSet* const> sets,
                                    Noise* noise) const {
  const TeacherForcing plan = teacher_forcing(semantics_, sets);
  const torch::Device device = encoding.memory.device();
  const torch::Tensor sorted = to_tensor(plan.documents, device);
  const Encoding documents{encoding.memory.index_select(0, sorted),
                           encoding.mask.index_select(0, sorted),
                           encoding.summary.index_select(0, sorted)};
  const StepMatrices matrices = training_matrices(documents);
  DecoderState state = start(documents, matrices);
  std::vector<torch::Tensor> combined{state.combined};
  for (std::size_t s = 1; s < plan.inputs.size(); ++s) {
    const auto rows = static_cast<std::int64_t>(plan.inputs[s].size());
    const auto first = [rows](const torch::Tensor& x) { return x.narrow(0, 0, rows); };
    state = step({first(state.hidden), first(state.cell), first(state.combined)},
                 to_tensor(plan.inputs[s], device), rows, matrices);
    combined.push_back(state.combined);
  }
  // One product for the outputs of all steps; inadmissible tokens are masked before the softmax.
  const torch::Tensor scores = logits(dropout(torch::cat(combined), dropout_, noise)) +
                               masks_.index_select(0, to_tensor(plan.mask_rows, device));
  const torch::Tensor chosen = torch::log_softmax(scores, 1)
                                   .gather(1, to_tensor(plan.targets, device).unsqueeze(1))
                                   .squeeze(1);
  return torch::zeros({static_cast<std::int64_t>(sets.size())},
                      chosen.options().requires_grad(false))
      .index_add(0, to_tensor(plan.owners, device), -chosen);
}

void LabelDecoderImpl::start_biases(std::span<const std::uint64_t> counts,
                                    std::uint64_t num_documents) {
  const torch::NoGradGuard no_grad;
  double total = static_cast<double>(num_documents) + 0.5;
  for (std::uint64_t count : counts) total += static_cast<double>(count) + 0.5;
  for (std::size_t label = 0; label < counts.size(); ++label) {
    output_bias_[static_cast<std::int64_t>(label)] =
        std::log((static_cast<double>(counts[label]) + 0.5) / total);
  }
  output_bias_[static_cast<std::int64_t>(counts.size())] =
      std::log((static_cast<double>(num_documents) + 0.5) / total);
}

void LabelDecoderImpl::start_label_embeddings(const LabelEmbeddings& embeddings) {
  if (embeddings.num_labels != semantics_.num_labels) {
    throw std::invalid_argument("LabelDecoder: got embeddings of " +
                                std::to_string(embeddings.num_labels) + " labels for " +
                                std::to_string(semantics_.num_labels));
  }
  if (embeddings.values.size() != embeddings.num_labels * embeddings.dimension) {
    throw std::invalid_argument("LabelDecoder: the embeddings have another number of values");
  }
  const torch::NoGradGuard no_grad;
  const auto labels = static_cast<std::int64_t>(embeddings.num_labels);
  const auto dimension = static_cast<std::int64_t>(embeddings.dimension);
  const std::int64_t columns = std::min(dimension, label_embeddings_.size(1));
  const torch::Tensor values = torch::tensor(embeddings.values, torch::kFloat64)
                                   .view({labels, dimension})
                                   .narrow(1, 0, columns);
  const torch::Tensor has_values = (values != 0).any(1, /*keepdim=*/true);  // [L, 1]
  if (!has_values.any().item<bool>()) return;
  const torch::Tensor mean_square =
      values.square().sum() / (has_values.sum() * columns).to(torch::kFloat64);
  const torch::Tensor scaled = values * (kEmbeddingBound / torch::sqrt(3.0 * mean_square));
  torch::Tensor target = label_embeddings_.narrow(0, 0, labels).narrow(1, 0, columns);
  target.copy_(torch::where(has_values.to(target.device()), scaled.to(target), target));
}

}  // namespace labelbeam::models
