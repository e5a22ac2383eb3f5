#include "random_tables.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>

namespace labelbeam::test_support {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what);
}

void require_close(double a, double b, double tolerance, const std::string& what) {
  require(std::abs(a - b) <= tolerance,
          what + ": " + std::to_string(a) + " is not " + std::to_string(b));
}

void require_ranked(const SetDistribution& found) {
  std::set<LabelSet> seen;
  double weights = 0.0;
  for (std::size_t i = 0; i < found.sets.size(); ++i) {
    const ScoredSet& set = found.sets[i];
    require(seen.insert(set.labels).second, "a set is repeated");
    require(set.log_prob <= 0.0 && set.log_upper <= 0.0, "a probability is above 1");
    weights += set.weight;
    if (i == 0) continue;
    const ScoredSet& before = found.sets[i - 1];
    require(before.log_prob > set.log_prob ||
                (before.log_prob == set.log_prob && before.labels < set.labels),
            "sets are out of order");
  }
  if (!found.sets.empty()) require_close(weights, 1.0, 1e-12, "sum of weights");
  require_close(found_mass(found.sets) + found.residual, 1.0, 1e-9, "found mass + residual");
}

}  // namespace

TableModelOptions random_table(std::uint64_t seed, Order order, std::size_t num_documents) {
  std::mt19937_64 random(seed);
  const std::size_t most_labels = order == Order::fixed ? 10 : 5;
  TableModelOptions options;
  SetSemantics& semantics = options.semantics;
  semantics.num_labels = 1 + random() % most_labels;
  semantics.max_size = semantics.num_labels;
  semantics.empty_set = random() % 2 == 0 ? EmptySet::allow : EmptySet::forbid;
  if (order == Order::fixed) {
    std::vector<LabelId> by_rank(semantics.num_labels);
    std::iota(by_rank.begin(), by_rank.end(), LabelId{0});
    std::shuffle(by_rank.begin(), by_rank.end(), random);
    semantics.order = LabelOrder::fixed(by_rank);
  }
  switch (random() % 5) {
    case 0:
      options.ties = true;
      break;
    case 1:
      options.zero_share = 0.3;
      break;
    case 2:
      options.scale = 40.0;
      break;
    case 3:
      options.set_only = true;
      break;
    default:
      break;
  }
  for (std::size_t i = 0; i < num_documents; ++i) options.document_keys.push_back(random());
  return options;
}

TableModelOptions plain_table(std::size_t num_labels, Order order) {
  TableModelOptions options;
  options.semantics.num_labels = num_labels;
  options.semantics.max_size = num_labels;
  if (order == Order::fixed) {
    options.semantics.order = LabelOrder::by_frequency(std::vector<std::uint64_t>(num_labels));
  }
  options.document_keys = {1};
  return options;
}

std::uint64_t num_table_models() {
  const char* given = std::getenv("LABELBEAM_TABLE_MODELS");
  return given != nullptr ? std::stoull(given) : 1500;
}

SetDistribution random_distribution(std::mt19937_64& random, std::size_t num_labels,
                                    std::size_t num_sets) {
  std::set<LabelSet> sets;
  num_sets = std::min(num_sets, std::size_t{1} << std::min<std::size_t>(num_labels, 20));
  while (sets.size() < num_sets) {
    const std::uint64_t sparser = random() | random();  // random sizes: small ones too
    const std::uint64_t bits = random() % 2 == 0 ? random() : random() & sparser & random();
    LabelSet set;
    for (LabelId l = 0; l < num_labels; ++l) {
      if (bits >> l & 1u) set.insert(l);
    }
    sets.insert(set);
  }
  SetDistribution result;
  result.marginals.resize(num_labels);
  double sum = 0.0;
  for (const LabelSet& set : sets) {
    const double weight = 1.0 + static_cast<double>(random() % 20);
    result.sets.push_back({set, 0.0, 0.0, weight});
    sum += weight;
  }
  for (ScoredSet& set : result.sets) {
    set.weight /= sum;
    set.log_prob = set.log_upper = std::log(set.weight);
    for (LabelId label : set.labels) result.marginals[label].estimate += set.weight;
  }
  std::stable_sort(result.sets.begin(), result.sets.end(),
                   [](const ScoredSet& a, const ScoredSet& b) { return a.log_prob > b.log_prob; });
  result.residual = 0.0;
  return result;
}

double exact_prob(const TableModel::Exact& exact, const LabelSet& set) {
  const auto at = exact.sets.find(set);
  return at == exact.sets.end() ? 0.0 : at->second;
}

void require_exact(const SetDistribution& found, const TableModel::Exact& exact, double tolerance) {
  require_ranked(found);
  require(found.sets.size() == exact.sets.size(), "another number of sets");
  for (const ScoredSet& set : found.sets) {
    const auto at = exact.sets.find(set.labels);
    require(at != exact.sets.end(), "an impossible set");
    require_close(std::exp(set.log_prob), at->second, tolerance, "probability");
    require_close(std::exp(set.log_upper), at->second, tolerance, "upper probability");
  }
  require_close(found.residual, exact.lost, 1e-9, "residual");
  require(found.marginals.size() == exact.marginals.size(), "another number of marginals");
  for (std::size_t l = 0; l < exact.marginals.size(); ++l) {
    require_close(found.marginals[l].lower, exact.marginals[l], tolerance, "lower marginal");
    require_close(found.marginals[l].estimate, exact.marginals[l], tolerance, "marginal");
    require_close(found.marginals[l].upper, exact.marginals[l], tolerance, "upper marginal");
  }
  require(!found.truncated, "truncated");
}

void require_sound(const SetDistribution& found, const TableModel& model, std::size_t document) {
  const TableModel::Exact exact = model.exact(document);
  require_ranked(found);
  double largest = 0.0;  // of all sets that may be answered
  for (const auto& [set, mass] : exact.sets) {
    if (set.size() <= model.semantics().max_size) largest = std::max(largest, mass);
  }
  for (const ScoredSet& set : found.sets) {
    const auto at = exact.sets.find(set.labels);
    require(at != exact.sets.end(), "an impossible set");
    require(set.labels.size() <= model.semantics().max_size, "a set above the size limit");
    require(std::exp(set.log_prob) <= at->second + kRounding, "lower bound above the truth");
    require(std::exp(set.log_upper) >= at->second - kRounding, "upper bound below the truth");
    if (!model.semantics().order.is_fixed()) continue;
    require_close(std::exp(set.log_prob), at->second, kRounding, "probability under a fixed order");
    require(set.log_upper == set.log_prob, "bounds differ under a fixed order");
  }
  for (std::size_t l = 0; l < exact.marginals.size(); ++l) {
    const Marginal& marginal = found.marginals.at(l);
    require(marginal.lower <= exact.marginals[l] + kRounding, "marginal: lower bound too high");
    require(marginal.upper >= exact.marginals[l] - kRounding, "marginal: upper bound too low");
    require(marginal.lower <= marginal.estimate && marginal.estimate <= marginal.upper &&
                marginal.upper <= 1.0,
            "marginal: estimate outside its bounds");
  }
  if (found.certified) {
    require(!found.sets.empty(), "certified without a set");
    const double best = exact.sets.at(found.sets.front().labels);
    require(best >= largest - kRounding, "certified, but another set is more probable");
  }
}

}  // namespace labelbeam::test_support
