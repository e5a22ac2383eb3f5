#pragma once

#include <labelbeam/step_model.h>

#include <span>
#include <vector>

namespace labelbeam::decoders {

/// The states a search holds in a model: made by `start`, replaced by `step`, and released when
/// this goes out of scope, also by an exception. A model's `release` is expected not to throw.
class LiveStates {
 public:
  explicit LiveStates(StepModel& model) : model_(model), ids_(model.num_documents()) {
    try {
      model_.start(ids_);
    } catch (...) {
      ids_.clear();
      throw;
    }
  }
  LiveStates(const LiveStates&) = delete;
  LiveStates& operator=(const LiveStates&) = delete;
  ~LiveStates() { release_all(); }

  std::span<const StateId> ids() const { return ids_; }
  std::size_t size() const { return ids_.size(); }

  /// Replaces the states by children of them and releases all parents: child r is made from
  /// `ids()[rows[r]]` by `labels[r]`.
  void step(std::span<const std::size_t> rows, std::span<const LabelId> labels) {
    if (rows.empty()) {
      release_all();
      return;
    }
    parents_.clear();
    for (std::size_t row : rows) parents_.push_back(ids_[row]);
    children_.resize(rows.size());
    model_.advance(parents_, labels, children_);
    ids_.swap(children_);
    model_.release(children_);
  }

 private:
  void release_all() {
    if (!ids_.empty()) model_.release(ids_);
    ids_.clear();
  }

  StepModel& model_;
  std::vector<StateId> ids_;
  std::vector<StateId> parents_;
  std::vector<StateId> children_;
};

}  // namespace labelbeam::decoders
