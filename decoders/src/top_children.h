#pragma once

#include <labelbeam/label_set.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "masked_row.h"
#include "positions.h"

namespace labelbeam::decoders {

/// A prefix with one more label.
struct Child {
  double log_prob;
  std::uint32_t parent;  ///< index of the row it was made from
  LabelId position;      ///< as in `MaskedRow`
  LabelId label;
};

/// Higher log probability, then earlier parent, then lower label id.
inline bool better(const Child& a, const Child& b) {
  if (a.log_prob != b.log_prob) return a.log_prob > b.log_prob;
  if (a.parent != b.parent) return a.parent < b.parent;
  return a.label < b.label;
}

/// The n best children over many rows, in one pass and without memory a child: what is below the
/// n-th best so far is never stored, and the store is cut back to n whenever it holds 2n.
class TopChildren {
 public:
  explicit TopChildren(const SetSemantics& semantics) : semantics_(semantics) {}

  /// Nothing below `least` is taken, and impossible children never.
  void reset(std::size_t capacity, double least = std::numeric_limits<double>::lowest()) {
    capacity_ = capacity;
    threshold_ = std::max(least, std::numeric_limits<double>::lowest());
    children_.clear();
  }

  /// All label children of a prefix. Call with rising `parent`.
  void add_row(const MaskedRow& row, double log_prob, std::uint32_t parent) {
    const double base = log_prob - row.log_normaliser();
    const std::vector<double>& scores = row.scores();
    for (std::size_t i = row.first(); i < scores.size(); ++i) {
      if (base + scores[i] >= threshold_) add(base + scores[i], parent, i);
    }
  }

  /// Children of a smaller log probability need not be added.
  double threshold() const { return threshold_; }

  void add(double log_prob, std::uint32_t parent, std::size_t position) {
    children_.push_back(
        {log_prob, parent, static_cast<LabelId>(position), label_at(semantics_, position)});
    if (children_.size() / 2 >= capacity_) cut();
  }

  /// Makes `threshold` as high as the children so far allow.
  void settle() {
    if (children_.size() >= capacity_) cut();
  }

  /// The best children in any order; valid until `reset`.
  const std::vector<Child>& unsorted() {
    if (children_.size() > capacity_) cut();
    return children_;
  }

  /// The best children, best first; valid until `reset`.
  const std::vector<Child>& sorted() {
    unsorted();
    std::sort(children_.begin(), children_.end(), better);
    return children_;
  }

 private:
  void cut() {
    const auto last = children_.begin() + static_cast<std::ptrdiff_t>(capacity_ - 1);
    std::nth_element(children_.begin(), last, children_.end(), better);
    threshold_ = last->log_prob;
    children_.resize(capacity_);
  }

  const SetSemantics& semantics_;
  std::size_t capacity_ = 1;
  double threshold_ = 0.0;
  std::vector<Child> children_;
};

}  // namespace labelbeam::decoders
