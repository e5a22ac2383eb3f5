#include <fmt/format.h>
#include <labelbeam/decoders/mixture.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "log_math.h"
#include "ranking.h"

namespace labelbeam::decoders {
namespace {

struct WeightedMember {
  const SetDistribution* distribution;
  double weight;
};

void check_weights(std::span<const SetDistribution> members, std::span<const double> weights) {
  if (members.empty()) throw std::invalid_argument("mixture: there are no members");
  if (!weights.empty() && weights.size() != members.size()) {
    throw std::invalid_argument(fmt::format("mixture: there are {} weights for {} members",
                                            weights.size(), members.size()));
  }
  for (double weight : weights) {
    if (weight >= 0.0 && std::isfinite(weight)) continue;
    throw std::invalid_argument(
        fmt::format("mixture: weights must be finite and not negative, got {}", weight));
  }
  for (const SetDistribution& member : members) {
    if (member.marginals.size() == members.front().marginals.size()) continue;
    throw std::invalid_argument(fmt::format("mixture: members have {} and {} labels",
                                            members.front().marginals.size(),
                                            member.marginals.size()));
  }
}

/// Those of positive weight, with weights that sum to 1.
std::vector<WeightedMember> weighted_members(std::span<const SetDistribution> members,
                                             std::span<const double> weights) {
  check_weights(members, weights);
  const double sum = weights.empty() ? static_cast<double>(members.size())
                                     : std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(sum > 0.0 && std::isfinite(sum))) {
    throw std::invalid_argument("mixture: the weights must have a positive, finite sum");
  }
  std::vector<WeightedMember> result;
  for (std::size_t m = 0; m < members.size(); ++m) {
    const double weight = (weights.empty() ? 1.0 : weights[m]) / sum;
    if (weight > 0.0) result.push_back({&members[m], weight});
  }
  return result;
}

/// What members say of one set.
struct Sums {
  double log_lower = kMinusInfinity;
  double upper = 0.0;     // of the members that list it
  double residual = 0.0;  // of the same
  double estimate = 0.0;
};

std::vector<ScoredSet> mixed_sets(const std::vector<WeightedMember>& members, double residual) {
  std::unordered_map<LabelSet, Sums> sums_of;
  for (const auto& [distribution, weight] : members) {
    for (const ScoredSet& set : distribution->sets) {
      Sums& sums = sums_of[set.labels];
      sums.log_lower = log_add(sums.log_lower, std::log(weight) + set.log_prob);
      sums.upper += weight * std::exp(set.log_upper);
      sums.residual += weight * distribution->residual;
      sums.estimate += weight * set.weight * distribution->weight_sum;
    }
  }
  std::vector<ScoredSet> sets;
  for (const auto& [labels, sums] : sums_of) {
    const double unlisted = std::max(0.0, residual - sums.residual);
    const double lower = std::min(0.0, sums.log_lower);
    const double upper = std::min(0.0, std::log(sums.upper + unlisted));
    sets.push_back({labels, lower, std::max(lower, upper), sums.estimate});
  }
  return sets;
}

/// A value that counts by some weight between two.
struct Weighed {
  double value;
  Interval weight;
};

/// The least weighted mean; `none` where all weights may be 0. At the least one every weight is at
/// an end: the upper one for values below the mean.
double least_mean(std::vector<Weighed> values, double none) {
  std::sort(values.begin(), values.end(),
            [](const Weighed& a, const Weighed& b) { return a.value < b.value; });
  double sum = 0.0;
  double weight = 0.0;
  for (const Weighed& value : values) {
    sum += value.weight.lower * value.value;
    weight += value.weight.lower;
  }
  if (weight == 0.0 && values.front().weight.upper == 0.0) return none;
  double least = weight > 0.0 ? sum / weight : std::numeric_limits<double>::infinity();
  for (const Weighed& value : values) {
    sum += (value.weight.upper - value.weight.lower) * value.value;
    weight += value.weight.upper - value.weight.lower;
    if (weight > 0.0) least = std::min(least, sum / weight);
  }
  return least;
}

Marginal mixed_marginal(const std::vector<WeightedMember>& members, std::size_t label) {
  std::vector<Weighed> lower;
  std::vector<Weighed> minus_upper;
  double sum = 0.0;
  double weight_sum = 0.0;
  double variance = 0.0;
  for (const auto& [distribution, weight] : members) {
    const Marginal& marginal = distribution->marginals[label];
    const Interval& valid = distribution->valid;
    lower.push_back({marginal.lower, {weight * valid.lower, weight * valid.upper}});
    minus_upper.push_back({-marginal.upper, lower.back().weight});
    const double middle = weight * (valid.lower + valid.upper) / 2.0;
    sum += middle * marginal.estimate;
    weight_sum += middle;
    variance += std::pow(middle * marginal.std_error, 2);
  }
  Marginal result;
  if (weight_sum == 0.0) return result;
  result.lower = least_mean(std::move(lower), 0.0);
  result.upper = std::max(result.lower, std::min(1.0, -least_mean(std::move(minus_upper), -1.0)));
  result.estimate = std::clamp(sum / weight_sum, result.lower, result.upper);
  result.std_error = std::sqrt(variance) / weight_sum;
  return result;
}

bool is_certified(const SetDistribution& distribution, double unlisted) {
  if (distribution.sets.empty()) return false;
  double rival = unlisted;
  for (std::size_t i = 1; i < distribution.sets.size(); ++i) {
    rival = std::max(rival, std::exp(distribution.sets[i].log_upper));
  }
  return std::exp(distribution.sets.front().log_prob) >= rival;
}

}  // namespace

SetDistribution mixture(std::span<const SetDistribution> members, std::span<const double> weights) {
  const std::vector<WeightedMember> weighted = weighted_members(members, weights);
  SetDistribution result;
  result.valid = {0.0, 0.0};
  double residual = 0.0;
  for (const auto& [distribution, weight] : weighted) {
    result.valid.lower += weight * distribution->valid.lower;
    result.valid.upper += weight * distribution->valid.upper;
    result.truncated = result.truncated || distribution->truncated;
    result.num_scored += distribution->num_scored;
    residual += weight * distribution->residual;
  }
  result.sets = mixed_sets(weighted, residual);
  for (std::size_t label = 0; label < members.front().marginals.size(); ++label) {
    result.marginals.push_back(mixed_marginal(weighted, label));
  }
  rank_weighted_sets(result);
  result.residual = residual;  // without the rounding of sums near 1
  result.certified = is_certified(result, residual);
  return result;
}

}  // namespace labelbeam::decoders
