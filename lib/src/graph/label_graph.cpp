#include <fmt/format.h>
#include <labelbeam/graph/label_graph.h>
#include <labelbeam/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <tuple>

namespace labelbeam {
namespace {

constexpr double kStrongestShrinkage = 10.0;

void check(const LabelCounts& counts, const LabelGraphOptions& options) {
  const auto require = [](bool holds, const char* what, double value) {
    if (!holds) throw std::invalid_argument(fmt::format("LabelGraph: {}, got {}", what, value));
  };
  require(options.min_support > 0.0, "min_support must be above 0", options.min_support);
  require(options.min_expected > 0.0, "min_expected must be above 0", options.min_expected);
  require(options.fdr > 0.0 && options.fdr <= 1.0, "fdr must be above 0 and at most 1",
          options.fdr);
  const double shrinkage = options.shrinkage.value_or(0.0);
  require(shrinkage >= 0.0 && std::isfinite(shrinkage), "shrinkage must be finite and not negative",
          shrinkage);
  require(counts.total() > 0.0, "the counts must be of at least one set", counts.total());
}

/// Tests pairs and keeps those that may pass.
class PairTests {
 public:
  PairTests(const LabelCounts& counts, const LabelGraphOptions& options)
      : counts_(counts),
        options_(options),
        min_absent_(std::max(options.min_expected, options.min_support)),
        by_frequency_(counts.num_labels()) {
    std::iota(by_frequency_.begin(), by_frequency_.end(), LabelId{0});
    std::stable_sort(by_frequency_.begin(), by_frequency_.end(),
                     [&](LabelId a, LabelId b) { return counts_.count(a) > counts_.count(b); });
  }

  std::vector<LabelEdge> run() const {
    const std::size_t num_labels = counts_.num_labels();
    std::vector<std::vector<LabelEdge>> found(num_labels);
    parallel_for_interleaved(num_labels, options_.num_threads, [&](std::size_t i) {
      test_seen(static_cast<LabelId>(i), found[i]);
      test_absent(i, found[i]);
    });
    std::vector<LabelEdge> edges;
    for (const auto& part : found) edges.insert(edges.end(), part.begin(), part.end());
    return edges;
  }

 private:
  void test_seen(LabelId first, std::vector<LabelEdge>& found) const {
    for (const PairCount& pair : counts_.pairs_of(first)) {
      const PairTable table{pair.count, counts_.count(first), counts_.count(pair.second),
                            counts_.total()};
      if (table.both == table.expected()) continue;
      const bool is_positive = table.both > table.expected();
      if (is_positive ? table.both >= options_.min_support : table.expected() >= min_absent_) {
        test(first, pair.second, table, found);
      }
    }
  }

  /// Pairs that were never seen, by their more frequent label.
  void test_absent(std::size_t rank, std::vector<LabelEdge>& found) const {
    const LabelId a = by_frequency_[rank];
    for (std::size_t other = rank + 1; other < by_frequency_.size(); ++other) {
      const LabelId b = by_frequency_[other];
      const PairTable table{0.0, counts_.count(std::min(a, b)), counts_.count(std::max(a, b)),
                            counts_.total()};
      if (table.expected() < min_absent_) return;
      if (counts_.count(a, b) == 0.0) test(std::min(a, b), std::max(a, b), table, found);
    }
  }

  void test(LabelId first, LabelId second, const PairTable& table,
            std::vector<LabelEdge>& found) const {
    const double p = independence_p_value(table);
    // No p-value above the rate can pass, whatever its rank.
    if (p <= options_.fdr) found.push_back({first, second, table, 0.0, p, 1.0});
  }

  const LabelCounts& counts_;
  const LabelGraphOptions& options_;
  double min_absent_;
  std::vector<LabelId> by_frequency_;
};

/// Benjamini and Hochberg (1995): fills in the adjusted p-values and drops edges above `rate`.
void control_false_discoveries(std::vector<LabelEdge>& edges, double num_candidates, double rate) {
  std::sort(edges.begin(), edges.end(), [](const LabelEdge& a, const LabelEdge& b) {
    return std::tie(a.p_value, a.first, a.second) < std::tie(b.p_value, b.first, b.second);
  });
  double smallest = 1.0;
  for (std::size_t rank = edges.size(); rank > 0; --rank) {
    LabelEdge& edge = edges[rank - 1];
    smallest = std::min(smallest, edge.p_value * num_candidates / static_cast<double>(rank));
    edge.q_value = smallest;
  }
  std::erase_if(edges, [&](const LabelEdge& edge) { return edge.q_value > rate; });
  std::sort(edges.begin(), edges.end(), [](const LabelEdge& a, const LabelEdge& b) {
    return std::tie(a.first, a.second) < std::tie(b.first, b.second);
  });
}

}  // namespace

LabelGraph::LabelGraph(const LabelCounts& counts, LabelGraphOptions options)
    : options_(std::move(options)) {
  check(counts, options_);
  total_ = counts.total();
  label_counts_ = counts.label_counts();
  const auto frequent = static_cast<double>(
      std::count_if(label_counts_.begin(), label_counts_.end(),
                    [&](double count) { return count >= options_.min_support; }));
  num_candidates_ = frequent * (frequent - 1.0) / 2.0;
  shrinkage_ = options_.shrinkage ? *options_.shrinkage : estimate_shrinkage(counts);
  edges_ = PairTests(counts, options_).run();
  control_false_discoveries(edges_, num_candidates_, options_.fdr);
  for (LabelEdge& edge : edges_) {
    edge.value =
        pair_measure(options_.measure, shrink_towards_independence(edge.table, shrinkage_));
  }
}

std::vector<WeightedEdge> LabelGraph::attractions() const {
  std::vector<WeightedEdge> result;
  for (const LabelEdge& edge : edges_) {
    if (edge.is_positive() && edge.value > 0.0) {
      result.push_back({edge.first, edge.second, edge.value});
    }
  }
  return result;
}

double estimate_shrinkage(const LabelCounts& counts) {
  // Sums over all pairs, seen or not, from the sums of powers of the label counts.
  double sum = 0.0;
  double sum_squares = 0.0;
  double sum_fourth_powers = 0.0;
  for (const double count : counts.label_counts()) {
    sum += count;
    sum_squares += count * count;
    sum_fourth_powers += count * count * count * count;
  }
  const double n = counts.total();
  const double expected = (sum * sum - sum_squares) / (2.0 * n);
  const double expected_squares = (sum_squares * sum_squares - sum_fourth_powers) / (2.0 * n * n);
  double excess = expected_squares - expected;
  for (std::size_t first = 0; first < counts.num_labels(); ++first) {
    for (const PairCount& pair : counts.pairs_of(static_cast<LabelId>(first))) {
      const double e = counts.count(pair.first) * counts.count(pair.second) / n;
      excess += pair.count * (pair.count - 2.0 * e);
    }
  }
  if (!(excess > 0.0)) return kStrongestShrinkage;
  return std::min(expected_squares / excess, kStrongestShrinkage);
}

double expected_count(const LabelGraph& graph, const LabelSet& labels) {
  double expected = graph.total();
  for (const LabelId label : labels) expected *= graph.label_counts().at(label) / graph.total();
  return expected;
}

std::vector<LabelEdge> strongest_edges(const LabelGraph& graph, bool positive, std::size_t top) {
  std::vector<LabelEdge> edges;
  for (const LabelEdge& edge : graph.edges()) {
    if (edge.is_positive() == positive) edges.push_back(edge);
  }
  // The log-likelihood ratio has no sign; the other measures are smallest for labels that avoid
  // each other most.
  const bool largest_first =
      positive || graph.options().measure == PairMeasure::log_likelihood_ratio;
  std::stable_sort(edges.begin(), edges.end(), [&](const LabelEdge& a, const LabelEdge& b) {
    if (a.value != b.value) return (a.value > b.value) == largest_first;
    return a.p_value < b.p_value;
  });
  if (top > 0 && edges.size() > top) edges.resize(top);
  return edges;
}

}  // namespace labelbeam
