#pragma once

#include <labelbeam/decoders/tree_model.h>
#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace labelbeam::decoders {

struct TreeFitOptions {
  /// Standard deviation of the Gaussian prior on an edge's log odds ratio, which keeps pairs that
  /// never or always come together finite.
  double prior_sd = 2.0;
  /// Nats of log-likelihood that an edge must gain over independence; none: log(n) / 2 (Schwarz
  /// 1978, one parameter an edge).
  std::optional<double> min_gain = std::nullopt;
  std::size_t num_threads = 1;  ///< 0: one a hardware thread; changes no result
};

/// An edge with its worth on the rows it was fitted to.
struct FittedEdge {
  OddsRatioEdge edge;
  double gain = 0.0;  ///< nats over all rows
};

/// The forest and odds ratios under which the truth is most likely given each row's label
/// probabilities.
///
/// A pair's odds ratio maximises sum over rows of log p_ij(y_i, y_j | x) plus the prior; its gain
/// is that sum above independence. The likelihood of a forest is the sum of its edges' gains, so
/// that the best one is a maximum spanning tree over the gains (Chow & Liu 1968), without the edges
/// below `min_gain`. Pairs whose gain, by the score test at independence, is under a quarter of
/// `min_gain` are not fitted. `probs`: [n, L]; `truth`: [n]. The largest gain comes first.
///
/// Throws `std::invalid_argument` for no row, another number of sets than rows, a probability
/// outside [0, 1], a label >= L, or options out of range.
std::vector<FittedEdge> fit_tree(const ScoreMatrix& probs, std::span<const LabelSet> truth,
                                 const TreeFitOptions& options = {});

/// The edges alone, as `TreeSetModel` takes them.
std::vector<OddsRatioEdge> edges_of(std::span<const FittedEdge> fitted);

}  // namespace labelbeam::decoders
