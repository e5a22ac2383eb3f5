#include <fmt/format.h>
#include <labelbeam/decoders/mixture.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "log_math.h"
#include "ranking.h"

namespace labelbeam::decoders {
namespace {

constexpr double kRounding = 1e-9;

void check_exponents(double exponent, std::span<const ProductFactor> factors) {
  double sum = 0.0;
  const auto add = [&](double value) {
    if (!(value >= 0.0 && std::isfinite(value))) {
      throw std::invalid_argument(
          fmt::format("product: exponents must be finite and not negative, got {}", value));
    }
    sum += value;
  };
  add(exponent);
  for (const ProductFactor& factor : factors) {
    add(factor.exponent);
    if (!factor.log_prob) throw std::invalid_argument("product: a factor has no function");
  }
  if (sum >= 1.0 - kRounding) return;
  throw std::invalid_argument(fmt::format(
      "product: exponents must sum to at least 1, so that what was not found has a bound; got {}",
      sum));
}

/// exponent * log_prob with 0^0 = 1.
double raise(double log_prob, double exponent) {
  return exponent == 0.0 ? 0.0 : exponent * log_prob;
}

/// A candidate before the division by Z, in logs.
struct Unnormalised {
  const ScoredSet* set;
  double lower;
  double upper;
};

class Product {
 public:
  explicit Product(const SetDistribution& base, double exponent)
      : num_labels_(base.marginals.size()),
        rounding_(std::numeric_limits<double>::epsilon() *
                  static_cast<double>(1 + base.sets.size())),
        unseen_(raise(std::log(base.residual + rounding_), exponent)) {
    for (const ScoredSet& set : base.sets) {
      if (set.log_prob == kMinusInfinity) continue;  // nothing is known to be there
      candidates_.push_back({&set, raise(set.log_prob, exponent), raise(set.log_upper, exponent)});
    }
  }

  void multiply(const ProductFactor& factor) {
    double found = 0.0;
    for (Unnormalised& candidate : candidates_) {
      const double log_prob = factor.log_prob(candidate.set->labels);
      if (!(log_prob <= 0.0)) {
        throw std::invalid_argument(
            fmt::format("product: a log probability must be at most 0, got {}", log_prob));
      }
      found += std::exp(log_prob);
      candidate.lower += raise(log_prob, factor.exponent);
      candidate.upper += raise(log_prob, factor.exponent);
    }
    if (found > 1.0 + kRounding) {
      throw std::invalid_argument(
          fmt::format("product: the probabilities of a factor sum to {} over the sets", found));
    }
    unseen_ += raise(std::log(std::max(0.0, 1.0 - found) + rounding_), factor.exponent);
  }

  /// Divides by Z.
  void finish(SetDistribution& result, double weight_sum) {
    std::erase_if(candidates_, [](const Unnormalised& c) { return c.upper == kMinusInfinity; });
    result.marginals.resize(num_labels_);
    if (candidates_.empty()) return;
    double shift = kMinusInfinity;
    for (const Unnormalised& candidate : candidates_) shift = std::max(shift, candidate.upper);
    const double unseen = std::exp(unseen_ - shift);
    Masses all;
    std::vector<Masses> with(num_labels_);
    for (const Unnormalised& candidate : candidates_) {
      const Masses masses{std::exp(candidate.lower - shift), std::exp(candidate.upper - shift)};
      all.add(masses);
      for (LabelId label : candidate.set->labels) with[label].add(masses);
    }
    set_weights(result, weight_sum);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const double lower = candidates_[i].lower - shift;
      const double upper = candidates_[i].upper - shift;
      const Masses rest = all.without({std::exp(lower), std::exp(upper)});
      ScoredSet& set = result.sets[i];
      set.log_prob = std::min(0.0, lower - std::log(std::exp(lower) + rest.upper + unseen));
      set.log_upper = upper - std::log(std::exp(upper) + rest.lower);
      set.log_upper = std::clamp(set.log_upper, set.log_prob, 0.0);
    }
    set_marginals(result, all, with, unseen);
    result.certified = is_certified(result, all, unseen);
  }

 private:
  struct Masses {
    double lower = 0.0;
    double upper = 0.0;

    void add(const Masses& other) {
      lower += other.lower;
      upper += other.upper;
    }

    /// Differences of sums: a rounding error below zero is none.
    Masses without(const Masses& part) const {
      return {std::max(0.0, lower - part.lower), std::max(0.0, upper - part.upper)};
    }

    /// a / (a + b), where one of them may be infinite.
    static double ratio(double a, double b) { return a > 0.0 ? 1.0 / (1.0 + b / a) : 0.0; }
  };

  void set_weights(SetDistribution& result, double weight_sum) const {
    std::vector<double> log_weights;
    double largest = kMinusInfinity;
    for (const Unnormalised& candidate : candidates_) {
      const ScoredSet& set = *candidate.set;
      log_weights.push_back(candidate.lower + std::log(set.weight * weight_sum) - set.log_prob);
      largest = std::max(largest, log_weights.back());
    }
    double sum = 0.0;
    for (double& weight : log_weights) sum += weight = std::exp(weight - largest);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      result.sets.push_back({candidates_[i].set->labels, 0.0, 0.0, log_weights[i] / sum});
    }
  }

  void set_marginals(SetDistribution& result, const Masses& all, const std::vector<Masses>& with,
                     double unseen) const {
    for (const ScoredSet& set : result.sets) {
      for (LabelId label : set.labels) result.marginals[label].estimate += set.weight;
    }
    for (std::size_t l = 0; l < num_labels_; ++l) {
      Marginal& marginal = result.marginals[l];
      const Masses without = all.without(with[l]);
      marginal.lower = Masses::ratio(with[l].lower, without.upper + unseen);
      marginal.upper =
          std::max(marginal.lower, Masses::ratio(with[l].upper + unseen, without.lower));
      marginal.estimate = std::clamp(marginal.estimate, marginal.lower, marginal.upper);
    }
  }

  /// Before ranking: whether the best lower bound reaches every other upper one.
  bool is_certified(const SetDistribution& result, const Masses& all, double unseen) const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < result.sets.size(); ++i) {
      if (result.sets[i].log_prob > result.sets[best].log_prob) best = i;
    }
    double rival = Masses::ratio(unseen, all.lower);
    for (std::size_t i = 0; i < result.sets.size(); ++i) {
      if (i != best) rival = std::max(rival, std::exp(result.sets[i].log_upper));
    }
    return std::exp(result.sets[best].log_prob) >= rival;
  }

  std::size_t num_labels_;
  double rounding_;  // of a sum near 1 over the sets: a root of it is not small
  double unseen_;    // log of a bound of what was not found
  std::vector<Unnormalised> candidates_;
};

}  // namespace

SetDistribution product(const SetDistribution& base, double exponent,
                        std::span<const ProductFactor> factors) {
  check_exponents(exponent, factors);
  Product product(base, exponent);
  for (const ProductFactor& factor : factors) product.multiply(factor);
  SetDistribution result;
  result.truncated = base.truncated;
  result.num_scored = base.num_scored;
  product.finish(result, base.weight_sum);
  rank_weighted_sets(result);
  return result;
}

}  // namespace labelbeam::decoders
