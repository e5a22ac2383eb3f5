#include <fmt/format.h>
#include <labelbeam/decoders/tree_model.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <queue>
#include <stdexcept>
#include <utility>

#include "label_probs.h"
#include "log_math.h"
#include "plackett.h"
#include "ranking.h"

namespace labelbeam::decoders {
namespace {

// Squares of odds ratios and of their inverses up to here are finite.
constexpr double kLargestOddsRatio = 1e150;

void check_odds_ratio(double odds_ratio) {
  if (odds_ratio >= 1.0 / kLargestOddsRatio && odds_ratio <= kLargestOddsRatio) return;
  throw std::invalid_argument(fmt::format("an odds ratio must lie between {} and {}, got {}",
                                          1.0 / kLargestOddsRatio, kLargestOddsRatio, odds_ratio));
}

/// log(part / whole) for part + rest = whole: of the larger part by the smaller one, which has more
/// digits.
double log_share(double part, double rest, double whole) {
  return part <= rest ? std::log(part) - std::log(whole) : std::log1p(-rest / whole);
}

/// An assignment of the labels of a subtree, made of two smaller ones.
struct Item {
  static constexpr std::uint32_t kNone = static_cast<std::uint32_t>(-1);
  double log_prob = 0.0;
  std::uint32_t left = kNone;  // into the arena
  std::uint32_t right = kNone;
  LabelId label = 0;
  bool has_label = false;
};

/// Items by falling log_prob, by their place in the arena.
using Items = std::vector<std::uint32_t>;

/// The n best assignments of subtrees; what they are made of is kept in one arena.
class Assignments {
 public:
  explicit Assignments(std::size_t num_best) : num_best_(num_best) {}

  std::uint32_t leaf() { return add({}); }
  std::uint32_t leaf(LabelId label) { return add({0.0, Item::kNone, Item::kNone, label, true}); }

  /// The best of both lists, each with a bonus.
  Items either(const Items& a, double bonus_a, const Items& b, double bonus_b) {
    Items result;
    std::size_t i = 0, j = 0;
    while (result.size() < num_best_) {
      const double of_a = i < a.size() ? arena_[a[i]].log_prob + bonus_a : kMinusInfinity;
      const double of_b = j < b.size() ? arena_[b[j]].log_prob + bonus_b : kMinusInfinity;
      if (of_a == kMinusInfinity && of_b == kMinusInfinity) break;
      const std::uint32_t from = of_a >= of_b ? a[i++] : b[j++];
      result.push_back(add({std::max(of_a, of_b), from, Item::kNone}));
    }
    return result;
  }

  /// The best sums of one of `a` and one of `b`.
  Items both(const Items& a, const Items& b) {
    struct Cell {
      double log_prob;
      std::uint32_t i, j;
      bool operator<(const Cell& other) const {  // the heap's top: best, then first
        return log_prob != other.log_prob ? log_prob < other.log_prob
                                          : std::pair(i, j) > std::pair(other.i, other.j);
      }
    };
    Items result;
    if (a.empty() || b.empty()) return result;
    std::priority_queue<Cell> open;
    const auto push = [&](std::uint32_t i, std::uint32_t j) {
      open.push({arena_[a[i]].log_prob + arena_[b[j]].log_prob, i, j});
    };
    push(0, 0);
    while (!open.empty() && result.size() < num_best_) {
      const Cell cell = open.top();
      open.pop();
      result.push_back(add({cell.log_prob, a[cell.i], b[cell.j]}));
      if (cell.j == 0 && cell.i + 1 < a.size()) push(cell.i + 1, 0);
      if (cell.j + 1 < b.size()) push(cell.i, cell.j + 1);
    }
    return result;
  }

  double log_prob(std::uint32_t item) const { return arena_[item].log_prob; }

  LabelSet labels(std::uint32_t item) const {
    std::vector<LabelId> found;
    std::vector<std::uint32_t> open{item};
    while (!open.empty()) {
      const Item& top = arena_[open.back()];
      open.pop_back();
      if (top.has_label) found.push_back(top.label);
      if (top.left != Item::kNone) open.push_back(top.left);
      if (top.right != Item::kNone) open.push_back(top.right);
    }
    return LabelSet(found);
  }

 private:
  std::uint32_t add(const Item& item) {
    arena_.push_back(item);
    return static_cast<std::uint32_t>(arena_.size() - 1);
  }

  std::size_t num_best_;
  std::vector<Item> arena_;
};

}  // namespace

PairProbabilities plackett_table(double first, double second, double odds_ratio) {
  for (const double marginal : {first, second}) {
    if (marginal >= 0.0 && marginal <= 1.0) continue;
    throw std::invalid_argument(
        fmt::format("plackett_table: a marginal must be between 0 and 1, got {}", marginal));
  }
  check_odds_ratio(odds_ratio);
  const double no_first = 1.0 - first;
  const double no_second = 1.0 - second;
  return {plackett_both(first, no_first, second, no_second, odds_ratio),
          plackett_both(first, no_first, no_second, second, 1.0 / odds_ratio),
          plackett_both(no_first, first, second, no_second, 1.0 / odds_ratio),
          plackett_both(no_first, first, no_second, second, odds_ratio)};
}

TreeSetModel::TreeSetModel(std::size_t num_labels, std::span<const OddsRatioEdge> edges)
    : edges_(edges.begin(), edges.end()) {
  if (num_labels == 0) throw std::invalid_argument("TreeSetModel: there is no label");
  std::vector<std::vector<std::size_t>> edges_of(num_labels);
  for (std::size_t e = 0; e < edges.size(); ++e) {
    check_odds_ratio(edges[e].odds_ratio);
    for (const LabelId label : {edges[e].first, edges[e].second}) {
      if (label >= num_labels) {
        throw std::invalid_argument(
            fmt::format("TreeSetModel: label {} of an edge is not below the number of labels, {}",
                        label, num_labels));
      }
      edges_of[label].push_back(e);
    }
  }
  std::vector<bool> seen(num_labels, false);
  for (LabelId root = 0; root < num_labels; ++root) {
    if (seen[root]) continue;
    seen[root] = true;
    nodes_.push_back({root});
    for (std::size_t at = nodes_.size() - 1; at < nodes_.size(); ++at) {
      for (const std::size_t e : edges_of[nodes_[at].label]) {
        const OddsRatioEdge& edge = edges[e];
        const LabelId child = edge.first == nodes_[at].label ? edge.second : edge.first;
        if (seen[child]) continue;
        seen[child] = true;
        nodes_.push_back({child, at, edge.odds_ratio});
      }
    }
  }
  const auto used = std::count_if(nodes_.begin(), nodes_.end(),
                                  [](const Node& node) { return node.parent != kNoParent; });
  if (static_cast<std::size_t>(used) != edges.size()) {
    throw std::invalid_argument("TreeSetModel: the edges close a cycle");
  }
}

std::vector<TreeSetModel::Conditional> TreeSetModel::conditionals(std::span<const double> probs,
                                                                  EmptySet empty_set) const {
  check_label_probs(probs, empty_set);
  if (probs.size() != num_labels()) {
    throw std::invalid_argument(
        fmt::format("TreeSetModel: {} probabilities for {} labels", probs.size(), num_labels()));
  }
  std::vector<Conditional> result(nodes_.size());
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    const Node& node = nodes_[n];
    const double p = probs[node.label];
    for (auto& row : result[n].log_prob) {
      row[0] = std::log1p(-p);
      row[1] = std::log(p);
    }
    if (node.parent == kNoParent) continue;
    const double of_parent = probs[nodes_[node.parent].label];
    if (of_parent == 0.0 || of_parent == 1.0) continue;  // one state of the parent only
    const PairProbabilities table = plackett_table(of_parent, p, node.odds_ratio);
    const double not_parent = 1.0 - of_parent;
    result[n].log_prob[1][1] = log_share(table.both, table.first_only, of_parent);
    result[n].log_prob[1][0] = log_share(table.first_only, table.both, of_parent);
    result[n].log_prob[0][1] = log_share(table.second_only, table.neither, not_parent);
    result[n].log_prob[0][0] = log_share(table.neither, table.second_only, not_parent);
  }
  return result;
}

SetDistribution TreeSetModel::distribution(std::span<const double> probs,
                                           const IndependentOptions& options) const {
  const std::vector<Conditional> tables = conditionals(probs, options.empty_set);
  if (options.num_sets < 1) {
    throw std::invalid_argument("TreeSetModel: num_sets must be at least 1, got 0");
  }
  double log_empty = 0.0;
  for (const Conditional& table : tables) log_empty += table.log_prob[0][0];
  const double normaliser = log_not_empty(log_empty, options.empty_set);
  SetDistribution result;
  result.certified = true;
  if (normaliser == kMinusInfinity) {
    result.marginals.assign(probs.size(), Marginal{0.0, 0.0, 0.0, 0.0});
    return result;
  }

  // One set more, for the empty one that may fall out.
  Assignments assignments(std::max(options.num_sets, options.num_sets + 1));
  std::vector<std::array<Items, 2>> below(nodes_.size());  // [node][in Y]
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    below[n] = {Items{assignments.leaf()}, Items{assignments.leaf(nodes_[n].label)}};
  }
  Items whole{assignments.leaf()};
  for (std::size_t n = nodes_.size(); n-- > 0;) {  // children before their parents
    const auto given = [&](std::size_t of_parent) {
      const double* log_prob = tables[n].log_prob[of_parent];
      return assignments.either(below[n][0], log_prob[0], below[n][1], log_prob[1]);
    };
    const std::size_t parent = nodes_[n].parent;
    if (parent == kNoParent) {
      whole = assignments.both(whole, given(0));
    } else {
      for (std::size_t state = 0; state < 2; ++state) {
        below[parent][state] = assignments.both(below[parent][state], given(state));
      }
    }
    below[n] = {};
  }
  for (const std::uint32_t item : whole) {
    LabelSet labels = assignments.labels(item);
    if (labels.empty() && options.empty_set == EmptySet::forbid) continue;
    const double log_prob = std::min(0.0, assignments.log_prob(item) - normaliser);
    result.sets.push_back({std::move(labels), log_prob, log_prob, 0.0});
  }
  rank_sets(result, options.num_sets);
  for (const double p : probs) {
    const double marginal = std::min(1.0, p / std::exp(normaliser));
    result.marginals.push_back({marginal, marginal, marginal, 0.0});
  }
  return result;
}

double TreeSetModel::log_prob(std::span<const double> probs, const LabelSet& labels,
                              EmptySet empty_set) const {
  const std::vector<Conditional> tables = conditionals(probs, empty_set);
  check_label_ids(labels, probs.size());
  if (labels.empty() && empty_set == EmptySet::forbid) return kMinusInfinity;
  double log_prob = 0.0;
  double log_empty = 0.0;
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    const std::size_t parent = nodes_[n].parent;
    const bool of_parent = parent != kNoParent && labels.contains(nodes_[parent].label);
    log_prob += tables[n].log_prob[of_parent][labels.contains(nodes_[n].label)];
    log_empty += tables[n].log_prob[0][0];
  }
  if (log_prob == kMinusInfinity) return log_prob;
  return std::min(0.0, log_prob - log_not_empty(log_empty, empty_set));
}

}  // namespace labelbeam::decoders
