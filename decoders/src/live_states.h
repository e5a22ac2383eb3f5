#pragma once

#include <labelbeam/step_model.h>

#include <span>
#include <vector>

namespace labelbeam::decoders {

/// The memory of `LiveStates`, for searches that keep it.
struct StateBuffers {
  std::vector<StateId> ids;
  std::vector<StateId> parents;
  std::vector<StateId> children;
};

/// The states a search holds in a model: made by `start`, replaced by `step`, and released when
/// this goes out of scope, also by an exception. A model's `release` is expected not to throw.
class LiveStates {
 public:
  explicit LiveStates(StepModel& model) : LiveStates(model, own_) {}
  LiveStates(StepModel& model, StateBuffers& buffers) : model_(model), buffers_(buffers) {
    buffers_.ids.resize(model.num_documents());
    model_.start(buffers_.ids);
  }
  LiveStates(const LiveStates&) = delete;
  LiveStates& operator=(const LiveStates&) = delete;
  ~LiveStates() { release_all(); }

  std::span<const StateId> ids() const { return buffers_.ids; }
  std::size_t size() const { return buffers_.ids.size(); }

  /// Replaces the states by children of them and releases all parents: child r is made from
  /// `ids()[rows[r]]` by `labels[r]`.
  void step(std::span<const std::size_t> rows, std::span<const LabelId> labels) {
    if (rows.empty()) {
      release_all();
      return;
    }
    auto& [ids, parents, children] = buffers_;
    parents.clear();
    for (std::size_t row : rows) parents.push_back(ids[row]);
    children.resize(rows.size());
    model_.advance(parents, labels, children);
    ids.swap(children);
    model_.release(children);
  }

 private:
  void release_all() {
    if (!buffers_.ids.empty()) model_.release(buffers_.ids);
    buffers_.ids.clear();
  }

  StepModel& model_;
  StateBuffers own_;
  StateBuffers& buffers_;
};

}  // namespace labelbeam::decoders
