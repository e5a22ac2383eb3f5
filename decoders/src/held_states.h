#pragma once

#include <labelbeam/step_model.h>

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace labelbeam::decoders {

/// The states a search holds in a model, each in a slot until it is dropped; what is still held
/// when this goes out of scope is released, also by an exception. A model's `release` is expected
/// not to throw.
class HeldStates {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = std::numeric_limits<Slot>::max();

  /// Starts the model: document i is in slot i.
  explicit HeldStates(StepModel& model) : model_(model) {
    made_.resize(model.num_documents());
    model_.start(made_);
    for (StateId id : made_) hold(id);
  }
  HeldStates(const HeldStates&) = delete;
  HeldStates& operator=(const HeldStates&) = delete;
  ~HeldStates() {
    for (Slot slot = 0; slot < ids_.size(); ++slot) {
      if (is_held_[slot]) drop(slot);
    }
    release_dropped();
  }

  StateId id(Slot slot) const { return ids_[slot]; }

  /// Makes a child of each state: [R] slots; valid until the next call.
  std::span<const Slot> advance(std::span<const Slot> parents, std::span<const LabelId> labels) {
    parents_.clear();
    for (Slot slot : parents) parents_.push_back(ids_[slot]);
    made_.resize(parents.size());
    model_.advance(parents_, labels, made_);
    slots_.clear();
    for (StateId id : made_) slots_.push_back(hold(id));
    return slots_;
  }

  /// Gives a state up, to be released with the next `release_dropped`.
  void drop(Slot slot) {
    dropped_.push_back(ids_[slot]);
    is_held_[slot] = false;
    free_.push_back(slot);
  }

  void release_dropped() {
    if (!dropped_.empty()) model_.release(dropped_);
    dropped_.clear();
  }

 private:
  Slot hold(StateId id) {
    if (free_.empty()) {
      ids_.push_back(id);
      is_held_.push_back(true);
      return static_cast<Slot>(ids_.size() - 1);
    }
    const Slot slot = free_.back();
    free_.pop_back();
    ids_[slot] = id;
    is_held_[slot] = true;
    return slot;
  }

  StepModel& model_;
  std::vector<StateId> ids_;  // by slot
  std::vector<bool> is_held_;
  std::vector<Slot> free_;
  std::vector<StateId> dropped_;
  std::vector<StateId> parents_;
  std::vector<StateId> made_;
  std::vector<Slot> slots_;
};

}  // namespace labelbeam::decoders
