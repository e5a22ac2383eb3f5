#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <cstddef>
#include <vector>

namespace labelbeam::eval {

/// One score, and the row and label that it is of.
struct Cell {
  double score;
  std::size_t row;
  LabelId label;
};

/// By falling score; then by place, so that sums are added in one order everywhere.
void sort_cells(std::vector<Cell>& cells);
std::vector<Cell> sorted_cells(const ScoreMatrix& scores);
std::vector<Cell> sorted_column(const ScoreMatrix& scores, LabelId label);

/// The threshold that the first `count` cells reach and the others do not: the middle of the gap.
/// There must be a cell.
double threshold_after(const std::vector<Cell>& cells, std::size_t count);

/// Qualities this close differ by rounding only.
inline constexpr double kTolerance = 1e-12;

/// The best moment of a sweep.
struct Cut {
  std::size_t count = 0;  ///< cells that are predicted
  double quality = 0.0;
};

/// Predicts the cells in turn, equal scores together, and gives the best moment, the first of
/// equals. `quality()` is higher for better.
template <typename Predict, typename Quality>
Cut best_cut(const std::vector<Cell>& cells, Predict predict, Quality quality) {
  Cut best{0, quality()};
  for (std::size_t next = 0; next < cells.size();) {
    const double score = cells[next].score;
    for (; next < cells.size() && cells[next].score == score; ++next) predict(cells[next]);
    const double value = quality();
    if (value > best.quality + kTolerance) best = {next, value};
  }
  return best;
}

}  // namespace labelbeam::eval
