#include <labelbeam/decoders/size_marginals.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "label_probs.h"

namespace labelbeam::decoders {
namespace {

constexpr double kNegligibleTail = 1e-18;  // mass of large sizes that no utility can show in double

/// p(number of labels) gets one more independent label; mass above the last size falls off, which
/// changes no size below.
void add_label(std::vector<double>& size_probs, double p) {
  for (std::size_t s = size_probs.size(); s-- > 1;) {
    size_probs[s] = size_probs[s] * (1.0 - p) + size_probs[s - 1] * p;
  }
  size_probs[0] *= 1.0 - p;
}

/// The smallest S >= 1 with P(|Y| > S) <= `negligible`.
std::size_t largest_size(std::span<const double> probs, double negligible) {
  std::vector<double> size_probs(probs.size() + 1);
  size_probs[0] = 1.0;
  std::size_t largest = 0;
  for (double p : probs) {
    ++largest;
    for (std::size_t s = largest; s > 0; --s) {
      size_probs[s] = size_probs[s] * (1.0 - p) + size_probs[s - 1] * p;
    }
    size_probs[0] *= 1.0 - p;
    // Keeps this linear in L: what all labels drop together stays far below `negligible`.
    while (largest > 0 && size_probs[largest] < negligible / 1e7) size_probs[largest--] = 0.0;
  }
  double above = 0.0;
  while (largest > 1 && above + size_probs[largest] <= negligible) above += size_probs[largest--];
  return std::max<std::size_t>(largest, 1);
}

/// The residual over the mass found, where the weights are the probabilities normalised.
double unseen_mass(const SetDistribution& distribution) {
  constexpr double kRounding = 1e-12;
  constexpr double kUnknown = std::numeric_limits<double>::infinity();
  if (distribution.marginals.empty()) return kUnknown;
  const double found = found_mass(distribution.sets);
  if (found <= 0.0) return kUnknown;
  for (const ScoredSet& set : distribution.sets) {
    if (std::abs(set.weight - std::exp(set.log_prob) / found) > kRounding) return kUnknown;
  }
  return distribution.residual / found;
}

class LeaveOneOut {
 public:
  LeaveOneOut(std::span<const double> probs, SizeMarginals& result)
      : probs_(probs), result_(result) {}

  /// Fills the rows of labels [first, last); `others`: sizes over all labels outside the range.
  void fill(std::size_t first, std::size_t last, const std::vector<double>& others) {
    if (last - first == 1) {
      double* row = result_.joint.data() + first * result_.max_size;
      const double p = probs_[first];
      for (std::size_t s = 1; s <= result_.max_size; ++s) row[s - 1] = p * others[s - 1];
      return;
    }
    const std::size_t middle = first + (last - first) / 2;
    fill(first, middle, with(others, middle, last));
    fill(middle, last, with(others, first, middle));
  }

 private:
  std::vector<double> with(std::vector<double> size_probs, std::size_t first,
                           std::size_t last) const {
    for (std::size_t i = first; i < last; ++i) add_label(size_probs, probs_[i]);
    return size_probs;
  }

  std::span<const double> probs_;  // [M]
  SizeMarginals& result_;
};

}  // namespace

SizeMarginals size_marginals(const SetDistribution& distribution) {
  SizeMarginals result;
  for (const ScoredSet& set : distribution.sets) {
    result.labels.insert(result.labels.end(), set.labels.begin(), set.labels.end());
    result.max_size = std::max(result.max_size, set.labels.size());
  }
  std::sort(result.labels.begin(), result.labels.end());
  result.labels.erase(std::unique(result.labels.begin(), result.labels.end()), result.labels.end());
  result.num_labels = distribution.marginals.size();
  if (!result.labels.empty()) {
    result.num_labels = std::max<std::size_t>(result.num_labels, result.labels.back() + 1);
  }
  result.unseen = unseen_mass(distribution);
  result.joint.resize(result.labels.size() * result.max_size);
  for (const ScoredSet& set : distribution.sets) {
    if (set.labels.empty()) result.empty += set.weight;
    for (LabelId label : set.labels) {
      const auto at = std::lower_bound(result.labels.begin(), result.labels.end(), label);
      const auto row = static_cast<std::size_t>(at - result.labels.begin());
      result.joint[row * result.max_size + set.labels.size() - 1] += set.weight;
    }
  }
  return result;
}

SizeMarginals independent_size_marginals(std::span<const double> probs, EmptySet empty_set) {
  check_label_probs(probs, empty_set);
  SizeMarginals result;
  result.num_labels = probs.size();
  std::vector<double> possible;
  for (LabelId label = 0; label < probs.size(); ++label) {
    if (probs[label] == 0.0) continue;
    result.labels.push_back(label);
    possible.push_back(probs[label]);
  }
  if (possible.empty()) {
    result.empty = empty_set == EmptySet::allow ? 1.0 : 0.0;
    if (empty_set == EmptySet::forbid) result.unseen = std::numeric_limits<double>::infinity();
    return result;
  }
  const double log_empty = log_empty_prob(probs);
  const double seen = empty_set == EmptySet::allow ? 1.0 : -std::expm1(log_empty);
  result.max_size = largest_size(possible, kNegligibleTail * seen);
  result.joint.resize(possible.size() * result.max_size);
  std::vector<double> nobody(result.max_size);
  nobody[0] = 1.0;
  LeaveOneOut(possible, result).fill(0, possible.size(), nobody);
  if (empty_set == EmptySet::allow) {
    result.empty = std::exp(log_empty);
  } else {
    for (double& value : result.joint) value /= seen;
  }
  return result;
}

}  // namespace labelbeam::decoders
