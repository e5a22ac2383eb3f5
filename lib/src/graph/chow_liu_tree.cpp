#include <fmt/format.h>
#include <labelbeam/graph/chow_liu_tree.h>
#include <labelbeam/graph/weighted_graph.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace labelbeam {
namespace {

using Table = std::array<std::array<double, 2>, 2>;

// Edges of all pairs are reduced to a spanning forest whenever there are so many, or four a label:
// what a forest of some edges leaves out, the tree of all of them leaves out as well.
constexpr std::size_t kMostEdges = std::size_t{1} << 16;

Table joint_probs(double both, double first, double second, double total, double smoothing) {
  const double n = total + smoothing;
  const double cell = smoothing / 4.0;
  const auto prob = [&](double count) { return std::max(count + cell, 0.0) / n; };
  return {{{prob(total - first - second + both), prob(second - both)},
           {prob(first - both), prob(both)}}};
}

double prob_of(bool has, double p) { return has ? p : 1.0 - p; }

/// log p(x, y) / (p(x) p(y)) of one cell.
double log_dependence(const Table& joint, bool x, bool y) {
  if (joint[x][y] == 0.0) return -std::numeric_limits<double>::infinity();
  const double in_row = joint[x][0] + joint[x][1];
  const double in_column = joint[0][y] + joint[1][y];
  return std::log(joint[x][y] / (in_row * in_column));
}

double mutual_information(const Table& joint) {
  double sum = 0.0;
  for (const bool x : {false, true}) {
    for (const bool y : {false, true}) {
      if (joint[x][y] > 0.0) sum += joint[x][y] * log_dependence(joint, x, y);
    }
  }
  return std::max(sum, 0.0);
}

void check(const LabelCounts& counts) {
  if (counts.total() > 0.0) return;
  throw std::invalid_argument("ChowLiuTree: the counts must be of at least one set");
}

/// The edges as seen from the root, breadth first, neighbours by rising label.
std::vector<TreeEdge> rooted(std::span<const WeightedEdge> edges, std::size_t num_labels,
                             LabelId root) {
  std::vector<std::vector<TreeEdge>> neighbours(num_labels);
  for (const WeightedEdge& edge : edges) {
    neighbours[edge.first].push_back({edge.first, edge.second, edge.weight});
    neighbours[edge.second].push_back({edge.second, edge.first, edge.weight});
  }
  for (auto& each : neighbours) {
    std::sort(each.begin(), each.end(),
              [](const TreeEdge& a, const TreeEdge& b) { return a.child < b.child; });
  }
  std::vector<TreeEdge> result;
  std::vector<bool> reached(num_labels, false);
  reached[root] = true;
  const auto open = [&](LabelId label) {
    for (const TreeEdge& edge : neighbours[label]) {
      if (!reached[edge.child]) result.push_back(edge);
      reached[edge.child] = true;
    }
  };
  open(root);
  for (std::size_t next = 0; next < result.size(); ++next) open(result[next].child);
  return result;
}

/// [L]: the lightest edge between label 0 and each label in the forest; -1 where there is no path.
/// An edge no heavier than both of its ends' is of no use: the forest joins them as well.
std::vector<double> bottlenecks(std::span<const WeightedEdge> forest, std::size_t num_labels) {
  std::vector<double> lightest(num_labels, -1.0);
  lightest[0] = std::numeric_limits<double>::infinity();
  for (const TreeEdge& edge : rooted(forest, num_labels, 0)) {
    lightest[edge.child] = std::min(lightest[edge.parent], edge.mutual_information);
  }
  return lightest;
}

/// Of the counts as they are: smoothing would let rare labels that are never together look
/// dependent.
std::vector<WeightedEdge> spanning_tree(const LabelCounts& counts) {
  const std::size_t num_labels = counts.num_labels();
  const std::size_t most_edges = std::max(kMostEdges, 4 * num_labels);
  std::vector<WeightedEdge> edges;
  std::vector<double> lightest(num_labels, -1.0);
  std::vector<double> with_first(num_labels, 0.0);
  for (LabelId first = 0; first < num_labels; ++first) {
    const std::vector<PairCount> pairs = counts.pairs_of(first);
    for (const PairCount& pair : pairs) with_first[pair.second] = pair.count;
    for (LabelId second = first + 1; second < num_labels; ++second) {
      const Table joint = joint_probs(with_first[second], counts.count(first), counts.count(second),
                                      counts.total(), 0.0);
      const double information = mutual_information(joint);
      if (information > std::min(lightest[first], lightest[second])) {
        edges.push_back({first, second, information});
      }
    }
    for (const PairCount& pair : pairs) with_first[pair.second] = 0.0;
    if (edges.size() >= most_edges) {
      edges = maximum_spanning_forest(num_labels, edges);
      lightest = bottlenecks(edges, num_labels);
    }
  }
  return maximum_spanning_forest(num_labels, edges);
}

}  // namespace

ChowLiuTree::ChowLiuTree(const LabelCounts& counts, double smoothing) {
  check(counts);
  if (!(smoothing >= 0.0) || !std::isfinite(smoothing)) {
    throw std::invalid_argument(
        fmt::format("ChowLiuTree: smoothing must be finite and not negative, got {}", smoothing));
  }
  const std::vector<double>& label_counts = counts.label_counts();
  root_ = static_cast<LabelId>(std::max_element(label_counts.begin(), label_counts.end()) -
                               label_counts.begin());
  for (const double count : label_counts) {
    label_probs_.push_back((count + smoothing / 2.0) / (counts.total() + smoothing));
  }
  edges_ = rooted(spanning_tree(counts), num_labels(), root_);
  for (const TreeEdge& edge : edges_) {
    joint_.push_back(joint_probs(counts.count(edge.parent, edge.child), counts.count(edge.parent),
                                 counts.count(edge.child), counts.total(), smoothing));
  }
}

double ChowLiuTree::log_prob(const LabelSet& set) const {
  std::vector<bool> has(num_labels(), false);
  for (const LabelId label : set) {
    if (label >= num_labels()) {
      throw std::invalid_argument(
          fmt::format("ChowLiuTree: label {} is not below L = {}", label, num_labels()));
    }
    has[label] = true;
  }
  double sum = std::log(prob_of(has[root_], label_probs_[root_]));
  for (std::size_t e = 0; e < edges_.size() && std::isfinite(sum); ++e) {
    const auto& row = joint_[e][has[edges_[e].parent]];
    sum += std::log(row[has[edges_[e].child]] / (row[0] + row[1]));
  }
  return sum;
}

double ChowLiuTree::independent_log_prob(const LabelSet& set) const {
  double sum = 0.0;
  for (std::size_t label = 0; label < num_labels(); ++label) {
    sum += std::log(prob_of(set.contains(static_cast<LabelId>(label)), label_probs_[label]));
  }
  return sum;
}

double ChowLiuTree::gain(const LabelCounts& counts) const {
  check(counts);
  if (counts.num_labels() != num_labels()) {
    throw std::invalid_argument(fmt::format("ChowLiuTree: the tree has {} labels, the counts {}",
                                            num_labels(), counts.num_labels()));
  }
  double sum = 0.0;
  for (std::size_t e = 0; e < edges_.size(); ++e) {
    const TreeEdge& edge = edges_[e];
    const Table shares =
        joint_probs(counts.count(edge.parent, edge.child), counts.count(edge.parent),
                    counts.count(edge.child), counts.total(), 0.0);
    for (const bool x : {false, true}) {
      for (const bool y : {false, true}) {
        if (shares[x][y] > 0.0) sum += shares[x][y] * log_dependence(joint_[e], x, y);
      }
    }
  }
  return sum;
}

}  // namespace labelbeam
