#include <fmt/format.h>
#include <labelbeam/graph/arborescence.h>
#include <labelbeam/graph/label_orders.h>
#include <labelbeam/label_ranking.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <stdexcept>
#include <utility>
#include <vector>

namespace labelbeam {
namespace {

using After = std::vector<std::vector<LabelId>>;  // [L]: labels that come after this one

/// [L]: how many labels each one comes after.
std::vector<std::size_t> count_before(const After& after) {
  std::vector<std::size_t> waits_for(after.size(), 0);
  for (const auto& labels : after) {
    for (const LabelId label : labels) ++waits_for[label];
  }
  return waits_for;
}

/// Kahn's algorithm; of the labels that are free the most frequent one is next. `after` has no
/// circle.
LabelOrder frequent_first(const std::vector<double>& label_counts, const After& after) {
  std::vector<std::size_t> waits_for = count_before(after);
  using Free = std::pair<double, LabelId>;  // minus the count, so that the least is next
  std::priority_queue<Free, std::vector<Free>, std::greater<>> free;
  for (LabelId label = 0; label < after.size(); ++label) {
    if (waits_for[label] == 0) free.emplace(-label_counts[label], label);
  }
  std::vector<LabelId> by_rank;
  while (!free.empty()) {
    const LabelId label = free.top().second;
    free.pop();
    by_rank.push_back(label);
    for (const LabelId next : after[label]) {
      if (--waits_for[next] == 0) free.emplace(-label_counts[next], next);
    }
  }
  return LabelOrder::fixed(std::move(by_rank));
}

/// The same, but of the labels that are free one that the latest label has freed is next.
LabelOrder depth_first(const std::vector<double>& label_counts, const After& after) {
  std::vector<std::size_t> waits_for = count_before(after);
  std::vector<LabelId> free;  // the next one last
  const auto add = [&](std::vector<LabelId> freed) {
    std::sort(freed.begin(), freed.end(), [&](LabelId a, LabelId b) {
      return std::pair(label_counts[a], b) < std::pair(label_counts[b], a);
    });
    free.insert(free.end(), freed.begin(), freed.end());
  };
  std::vector<LabelId> roots;
  for (LabelId label = 0; label < after.size(); ++label) {
    if (waits_for[label] == 0) roots.push_back(label);
  }
  add(std::move(roots));
  std::vector<LabelId> by_rank;
  while (!free.empty()) {
    const LabelId label = free.back();
    free.pop_back();
    by_rank.push_back(label);
    std::vector<LabelId> freed;
    for (const LabelId next : after[label]) {
      if (--waits_for[next] == 0) freed.push_back(next);
    }
    add(std::move(freed));
  }
  if (by_rank.size() < after.size()) {
    throw std::invalid_argument("topological_order: the implications go in a circle");
  }
  return LabelOrder::fixed(std::move(by_rank));
}

}  // namespace

LabelOrder frequency_order(const LabelCounts& counts) {
  return LabelOrder::fixed(ranked_labels(counts.label_counts()));
}

LabelOrder tree_order(const LabelCounts& counts, const ChowLiuTree& tree) {
  if (tree.num_labels() != counts.num_labels()) {
    throw std::invalid_argument(fmt::format("tree_order: the tree has {} labels, the counts {}",
                                            tree.num_labels(), counts.num_labels()));
  }
  After after(counts.num_labels());
  for (const TreeEdge& edge : tree.edges()) after[edge.parent].push_back(edge.child);
  return depth_first(counts.label_counts(), after);
}

LabelOrder arborescence_order(const LabelCounts& counts, double smoothing) {
  if (!(counts.total() > 0.0)) {
    throw std::invalid_argument("arborescence_order: the counts must be of at least one set");
  }
  if (!(smoothing > 0.0) || !std::isfinite(smoothing)) {
    throw std::invalid_argument(
        fmt::format("arborescence_order: smoothing must be finite and above 0, got {}", smoothing));
  }
  const auto num_labels = static_cast<LabelId>(counts.num_labels());
  std::vector<double> probs;
  for (const double count : counts.label_counts()) probs.push_back(count / counts.total());
  std::vector<Arc> arcs;
  for (LabelId first = 0; first < num_labels; ++first) {
    for (const PairCount& pair : counts.pairs_of(first)) {
      const auto add = [&](LabelId from, LabelId to) {
        const double p = (pair.count + smoothing * probs[to]) / (counts.count(from) + smoothing);
        // One that is no better than being a root is never needed.
        if (p > probs[to]) arcs.push_back({from, to, p});
      };
      add(pair.first, pair.second);
      add(pair.second, pair.first);
    }
  }
  const auto parents = maximum_branching(probs, arcs);
  After after(num_labels);
  for (LabelId label = 0; label < num_labels; ++label) {
    if (parents[label]) after[*parents[label]].push_back(label);
  }
  return frequent_first(counts.label_counts(), after);
}

LabelOrder topological_order(const LabelCounts& counts, std::span<const Implication> implications) {
  After after(counts.num_labels());
  for (const Implication& implication : implications) {
    for (const LabelId child : implication.if_all) {
      for (const LabelId parent : implication.then_all) {
        if (std::max(child, parent) >= after.size()) {
          throw std::invalid_argument(fmt::format(
              "topological_order: {} and {} are no two of {} labels", child, parent, after.size()));
        }
        after[parent].push_back(child);
      }
    }
  }
  return depth_first(counts.label_counts(), after);
}

}  // namespace labelbeam
