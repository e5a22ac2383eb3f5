#include <labelbeam/models/torch_step_model.h>

#include <algorithm>
#include <cstring>

namespace labelbeam::models {
namespace {

template <typename Id>
torch::Tensor index_tensor(std::span<const Id> ids, torch::Device device) {
  torch::Tensor index = torch::empty({static_cast<std::int64_t>(ids.size())}, torch::kInt64);
  std::copy(ids.begin(), ids.end(), index.data_ptr<std::int64_t>());
  return index.to(device);
}

DecoderState select(const DecoderState& state, const torch::Tensor& rows) {
  return {state.hidden.index_select(0, rows), state.cell.index_select(0, rows),
          state.combined.index_select(0, rows)};
}

/// Where the rows of a call go in a rectangle [documents, K] that holds each document's rows.
struct Rectangle {
  std::vector<std::size_t> documents;  // those with rows, ascending
  std::vector<std::int64_t> source;    // [documents * K]: the call's row at each place
  std::vector<std::int64_t> place;     // [R]: the place of each of the call's rows
};

Rectangle arrange(std::span<const std::size_t> document_of_row, std::size_t num_documents) {
  std::vector<std::vector<std::int64_t>> rows(num_documents);
  std::size_t widest = 0;
  for (std::size_t r = 0; r < document_of_row.size(); ++r) {
    std::vector<std::int64_t>& of_document = rows[document_of_row[r]];
    of_document.push_back(static_cast<std::int64_t>(r));
    widest = std::max(widest, of_document.size());
  }
  Rectangle rectangle;
  rectangle.place.resize(document_of_row.size());
  for (std::size_t document = 0; document < num_documents; ++document) {
    if (rows[document].empty()) continue;
    rectangle.documents.push_back(document);
    for (std::size_t k = 0; k < widest; ++k) {
      if (k < rows[document].size()) {
        rectangle.place[static_cast<std::size_t>(rows[document][k])] =
            static_cast<std::int64_t>(rectangle.source.size());
        rectangle.source.push_back(rows[document][k]);
      } else {
        rectangle.source.push_back(rows[document].front());
      }
    }
  }
  return rectangle;
}

}  // namespace

TorchStepModel::TorchStepModel(SetModel model, const Encoding& encoding)
    : model_(std::move(model)),
      encoding_(encoding),
      num_documents_(static_cast<std::size_t>(encoding.memory.size(0))) {
  const torch::InferenceMode inference;
  memory_ = model_->decoder()->attend_to(encoding_);
}

void TorchStepModel::start(std::span<StateId> roots) {
  const torch::InferenceMode inference;
  TORCH_CHECK(roots.size() == num_documents_, "TorchStepModel::start: ", num_documents_,
              " documents, but room for ", roots.size(), " roots");
  std::vector<std::size_t> documents(num_documents_);
  for (std::size_t d = 0; d < num_documents_; ++d) documents[d] = d;
  store(model_->decoder()->start(encoding_, memory_), documents, roots);
}

void TorchStepModel::logits(std::span<const StateId> states, std::span<float> out) {
  const torch::InferenceMode inference;
  const torch::Tensor rows = index_tensor(states, model_->device());
  const torch::Tensor scores = model_->decoder()
                                   ->logits(pool_.combined.index_select(0, rows))
                                   .to(torch::kCPU, torch::kFloat32)
                                   .contiguous();
  TORCH_CHECK(static_cast<std::size_t>(scores.numel()) == out.size(),
              "TorchStepModel::logits: ", out.size(), " places for ", scores.numel(), " logits");
  std::copy_n(scores.data_ptr<float>(), out.size(), out.data());
}

void TorchStepModel::advance(std::span<const StateId> parents, std::span<const LabelId> labels,
                             std::span<StateId> children) {
  const torch::InferenceMode inference;
  std::vector<std::size_t> documents(parents.size());
  for (std::size_t r = 0; r < parents.size(); ++r) documents[r] = document_of_.at(parents[r]);
  const Rectangle rectangle = arrange(documents, num_documents_);
  const torch::Device device = model_->device();
  const torch::Tensor source =
      index_tensor(std::span<const std::int64_t>(rectangle.source), device);
  DecoderMemory memory = memory_;
  if (rectangle.documents.size() != num_documents_) {
    const torch::Tensor present =
        index_tensor(std::span<const std::size_t>(rectangle.documents), device);
    memory = {memory_.values.index_select(0, present), memory_.keys.index_select(0, present),
              memory_.mask.index_select(0, present)};
  }
  const torch::Tensor parent_rows = index_tensor(parents, device).index_select(0, source);
  const torch::Tensor label_rows = index_tensor(labels, device).index_select(0, source);
  const DecoderState stepped =
      model_->decoder()->step(select(pool_, parent_rows), label_rows, memory);
  const torch::Tensor place = index_tensor(std::span<const std::int64_t>(rectangle.place), device);
  store(select(stepped, place), documents, children);
}

void TorchStepModel::release(std::span<const StateId> states) {
  free_.insert(free_.end(), states.begin(), states.end());
}

void TorchStepModel::store(const DecoderState& state, std::span<const std::size_t> documents,
                           std::span<StateId> handles) {
  if (free_.size() < handles.size()) {
    const std::size_t old_capacity = document_of_.size();
    const std::size_t capacity = std::max(2 * old_capacity, old_capacity + handles.size());
    const auto grow = [&](torch::Tensor& pool, const torch::Tensor& like) {
      torch::Tensor grown =
          torch::empty({static_cast<std::int64_t>(capacity), like.size(1)}, like.options());
      if (old_capacity > 0) grown.narrow(0, 0, static_cast<std::int64_t>(old_capacity)).copy_(pool);
      pool = grown;
    };
    grow(pool_.hidden, state.hidden);
    grow(pool_.cell, state.cell);
    grow(pool_.combined, state.combined);
    document_of_.resize(capacity);
    for (std::size_t id = capacity; id > old_capacity; --id)
      free_.push_back(static_cast<StateId>(id - 1));
  }
  for (std::size_t r = 0; r < handles.size(); ++r) {
    handles[r] = free_.back();
    free_.pop_back();
    document_of_[handles[r]] = documents[r];
  }
  const torch::Tensor rows =
      index_tensor(std::span<const StateId>(handles.data(), handles.size()), model_->device());
  pool_.hidden.index_copy_(0, rows, state.hidden);
  pool_.cell.index_copy_(0, rows, state.cell);
  pool_.combined.index_copy_(0, rows, state.combined);
}

}  // namespace labelbeam::models
