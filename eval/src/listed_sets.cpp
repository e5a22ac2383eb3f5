#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/listed_sets.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace labelbeam::eval {

std::optional<std::size_t> ListedSets::find(const LabelSet& set) const {
  const auto found = std::find(sets.begin(), sets.end(), set);
  if (found == sets.end()) return std::nullopt;
  return static_cast<std::size_t>(found - sets.begin());
}

ListedSets list_sets(const std::vector<ScoredSet>& sets, double other_mass) {
  if (!(other_mass >= 0.0) || std::isinf(other_mass)) {
    throw std::invalid_argument(
        fmt::format("list_sets: the mass of other sets must be at least 0, got {}", other_mass));
  }
  double highest = std::log(other_mass);
  for (const ScoredSet& set : sets) {
    if (!(set.log_prob < std::numeric_limits<double>::infinity())) {
      throw std::invalid_argument(
          fmt::format("list_sets: a log probability must be a number, got {}", set.log_prob));
    }
    highest = std::max(highest, set.log_prob);
  }
  if (std::isinf(highest)) {
    throw std::invalid_argument("list_sets: neither the sets nor the others have any probability");
  }
  CompensatedSum mass;
  mass.add(std::exp(std::log(other_mass) - highest));
  for (const ScoredSet& set : sets) mass.add(std::exp(set.log_prob - highest));
  const double log_mass = highest + std::log(mass.value());

  std::vector<std::size_t> order(sets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (sets[a].log_prob != sets[b].log_prob) return sets[a].log_prob > sets[b].log_prob;
    return sets[a].labels < sets[b].labels;
  });
  ListedSets listed;
  listed.sets.reserve(sets.size());
  listed.log_probs.reserve(sets.size());
  for (const std::size_t i : order) {
    listed.sets.push_back(sets[i].labels);
    listed.log_probs.push_back(sets[i].log_prob - log_mass);
  }
  listed.log_other = std::log(other_mass) - log_mass;
  return listed;
}

ListedSets list_sets(const SetDistribution& distribution) {
  return list_sets(distribution.sets, std::max(distribution.residual, 0.0));
}

}  // namespace labelbeam::eval
