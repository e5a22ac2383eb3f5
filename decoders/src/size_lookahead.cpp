#include "size_lookahead.h"

#include <algorithm>

namespace labelbeam::decoders {

SizeLookahead::SizeLookahead(const ConstraintRules& rules, std::size_t steps)
    : rules_(rules), steps_(steps), counted_at_(rules.spec().exclusions.size()) {}

SizeLookahead::Answer SizeLookahead::grows(Propagation& state, std::size_t min_size,
                                           std::size_t first) {
  const std::size_t start = state.size();
  const std::size_t num_bound = rules_.bound_labels().size();
  first_ = first;
  choices_.clear();
  std::size_t next = 0;
  while (next < num_bound && rules_.position(rules_.bound_labels()[next]) < first) ++next;
  bool promising = true;
  bool is_new = true;  // whether the set was not looked at yet
  for (;;) {
    if (is_new) {
      const std::size_t with_free = most_with_free(state);
      if (with_free >= min_size || steps_ == 0) {
        state.undo(start);
        return with_free >= min_size ? Answer::yes : Answer::unknown;
      }
      --steps_;
      promising = with_free + most_bound(state, next) >= min_size;
    }
    is_new = false;
    while (promising && next < num_bound && !is_new) {
      const std::size_t size = state.size();
      is_new = add(state, next);
      if (is_new) choices_.push_back({next, size});
      if (!is_new) state.undo(size);
      ++next;
    }
    if (is_new) continue;
    if (choices_.empty()) return Answer::no;
    state.undo(choices_.back().size);
    next = choices_.back().index + 1;
    promising = true;
    choices_.pop_back();
  }
}

/// The size that adding every free label would give.
std::size_t SizeLookahead::most_with_free(const Propagation& state) const {
  const auto held =
      std::count_if(state.labels().begin(), state.labels().end(), [this](LabelId label) {
        return !rules_.is_bound(label) && rules_.position(label) >= first_;
      });
  return state.size() + rules_.num_free_from(first_) - static_cast<std::size_t>(held);
}

/// An upper bound of how many bound labels from `index` on can still come.
std::size_t SizeLookahead::most_bound(const Propagation& state, std::size_t index) {
  ++count_;
  std::size_t most = 0;
  for (std::size_t i = index; i < rules_.bound_labels().size(); ++i) {
    const LabelId label = rules_.bound_labels()[i];
    if (state.contains(label) || state.is_excluded(label)) continue;
    const auto groups = rules_.exclusions_of(label);
    if (!groups.empty()) {
      if (counted_at_[groups.front()] == count_) continue;
      counted_at_[groups.front()] = count_;
    }
    ++most;
  }
  return most;
}

/// Adds a bound label, unless that brings a label which an earlier choice would have brought.
bool SizeLookahead::add(Propagation& state, std::size_t index) const {
  const LabelId label = rules_.bound_labels()[index];
  const std::size_t size = state.size();
  if (state.contains(label) || !state.add(label)) return false;
  const std::size_t position = rules_.position(label);
  return std::all_of(state.labels().begin() + static_cast<std::ptrdiff_t>(size),
                     state.labels().end(), [&](LabelId added) {
                       return rules_.position(added) >=
                              (rules_.is_bound(added) ? position : first_);
                     });
}

}  // namespace labelbeam::decoders
