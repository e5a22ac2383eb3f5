#include <fmt/format.h>
#include <labelbeam/decoders/tree_fitting.h>
#include <labelbeam/graph/weighted_graph.h>
#include <labelbeam/parallel_for.h>

#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <utility>

#include "label_probs.h"
#include "plackett.h"

namespace labelbeam::decoders {
namespace {

/// Probabilities of 0 and 1 that turn out wrong would make every odds ratio impossible.
constexpr double kLeastProb = 1e-9;
constexpr double kMaxLogOddsRatio = 12.0;
constexpr int kMinimumBits = 20;  // of the log odds ratio

double check(const ScoreMatrix& probs, std::span<const LabelSet> truth,
             const TreeFitOptions& options) {
  if (probs.num_rows == 0) throw std::invalid_argument("fit_tree: there are no rows");
  if (truth.size() != probs.num_rows) {
    throw std::invalid_argument(fmt::format("fit_tree: {} rows of probabilities and {} of truth",
                                            probs.num_rows, truth.size()));
  }
  if (!(options.prior_sd > 0.0)) {
    throw std::invalid_argument(
        fmt::format("fit_tree: prior_sd must be above 0, got {}", options.prior_sd));
  }
  const double min_gain =
      options.min_gain.value_or(0.5 * std::log(static_cast<double>(probs.num_rows)));
  if (!(min_gain >= 0.0)) {
    throw std::invalid_argument(
        fmt::format("fit_tree: min_gain must be at least 0, got {}", min_gain));
  }
  for (std::size_t i = 0; i < probs.num_rows; ++i) {
    check_label_probs(probs.row(i), EmptySet::allow);
    check_label_ids(truth[i], probs.num_labels);
  }
  return min_gain;
}

/// Probabilities and truth by label, so that a pair reads two columns.
struct Columns {
  Columns(const ScoreMatrix& probs, std::span<const LabelSet> truth)
      : num_rows(probs.num_rows), probs(probs.values.size()), truth(probs.values.size(), 0) {
    for (std::size_t i = 0; i < num_rows; ++i) {
      const std::span<const double> row = probs.row(i);
      for (std::size_t l = 0; l < row.size(); ++l) {
        this->probs[l * num_rows + i] = std::clamp(row[l], kLeastProb, 1.0 - kLeastProb);
      }
      for (const LabelId label : truth[i]) this->truth[label * num_rows + i] = 1;
    }
  }

  std::size_t num_rows;
  std::vector<double> probs;        // [L, n]
  std::vector<std::uint8_t> truth;  // [L, n]
};

class Pair {
 public:
  Pair(const Columns& columns, LabelId first, LabelId second)
      : num_rows_(columns.num_rows),
        p_(columns.probs.data() + first * num_rows_),
        q_(columns.probs.data() + second * num_rows_),
        a_(columns.truth.data() + first * num_rows_),
        b_(columns.truth.data() + second * num_rows_) {}

  /// U^2 / 2I of the log odds ratio at 0: what the log-likelihood gains, to second order.
  double score_gain() const {
    double score = 0.0, information = 0.0;
    for (std::size_t i = 0; i < num_rows_; ++i) {
      score += (a_[i] - p_[i]) * (b_[i] - q_[i]);
      information += p_[i] * (1.0 - p_[i]) * q_[i] * (1.0 - q_[i]);
    }
    return score * score / (2.0 * information);
  }

  /// sum over rows of log p_ij(y_i, y_j) - log p_i(y_i) - log p_j(y_j).
  double gain(double odds_ratio) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < num_rows_; ++i) {
      // The cell of y is the cell "both" of the labels or their complements.
      const double p = a_[i] ? p_[i] : 1.0 - p_[i];
      const double q = b_[i] ? q_[i] : 1.0 - q_[i];
      const double ratio = a_[i] == b_[i] ? odds_ratio : 1.0 / odds_ratio;
      sum += std::log(plackett_both(p, 1.0 - p, q, 1.0 - q, ratio) / (p * q));
    }
    return sum;
  }

 private:
  std::size_t num_rows_;
  const double* p_;
  const double* q_;
  const std::uint8_t* a_;
  const std::uint8_t* b_;
};

FittedEdge fit(const Columns& columns, LabelId first, LabelId second, double prior_sd) {
  const Pair pair(columns, first, second);
  const auto loss = [&](double log_odds_ratio) {
    const double z = log_odds_ratio / prior_sd;
    return 0.5 * z * z - pair.gain(std::exp(log_odds_ratio));
  };
  const double best =
      boost::math::tools::brent_find_minima(loss, -kMaxLogOddsRatio, kMaxLogOddsRatio, kMinimumBits)
          .first;
  return {{first, second, std::exp(best)}, pair.gain(std::exp(best))};
}

}  // namespace

std::vector<FittedEdge> fit_tree(const ScoreMatrix& probs, std::span<const LabelSet> truth,
                                 const TreeFitOptions& options) {
  const double min_gain = check(probs, truth, options);
  const Columns columns(probs, truth);
  const std::size_t num_labels = probs.num_labels;
  std::vector<std::vector<FittedEdge>> by_first(num_labels);
  parallel_for_interleaved(num_labels, options.num_threads, [&](std::size_t i) {
    const auto first = static_cast<LabelId>(i);
    for (LabelId second = first + 1; second < num_labels; ++second) {
      if (Pair(columns, first, second).score_gain() < 0.25 * min_gain) continue;
      const FittedEdge edge = fit(columns, first, second, options.prior_sd);
      if (edge.gain > min_gain) by_first[i].push_back(edge);
    }
  });
  std::map<std::pair<LabelId, LabelId>, FittedEdge> fitted;
  std::vector<WeightedEdge> gains;
  for (const std::vector<FittedEdge>& edges : by_first) {
    for (const FittedEdge& edge : edges) {
      gains.push_back({edge.edge.first, edge.edge.second, edge.gain});
      fitted.emplace(std::pair(edge.edge.first, edge.edge.second), edge);
    }
  }
  std::vector<FittedEdge> forest;
  for (const WeightedEdge& edge : maximum_spanning_forest(num_labels, gains)) {
    forest.push_back(fitted.at(std::minmax(edge.first, edge.second)));
  }
  return forest;
}

std::vector<OddsRatioEdge> edges_of(std::span<const FittedEdge> fitted) {
  std::vector<OddsRatioEdge> edges;
  for (const FittedEdge& edge : fitted) edges.push_back(edge.edge);
  return edges;
}

}  // namespace labelbeam::decoders
