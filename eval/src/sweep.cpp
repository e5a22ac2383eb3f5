#include "sweep.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace labelbeam::eval {
namespace {

/// Half the gap next to an end of the sorted cells; 0.5 where there is no gap.
double end_margin(const std::vector<Cell>& cells, bool at_top) {
  const double end = at_top ? cells.front().score : cells.back().score;
  const auto differs = [end](const Cell& cell) { return cell.score != end; };
  double neighbour = end;
  if (at_top) {
    const auto found = std::find_if(cells.begin(), cells.end(), differs);
    if (found != cells.end()) neighbour = found->score;
  } else {
    const auto found = std::find_if(cells.rbegin(), cells.rend(), differs);
    if (found != cells.rend()) neighbour = found->score;
  }
  return neighbour == end ? 0.5 : std::abs(end / 2.0 - neighbour / 2.0);
}

}  // namespace

void sort_cells(std::vector<Cell>& cells) {
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.row != b.row ? a.row < b.row : a.label < b.label;
  });
}

std::vector<Cell> sorted_cells(const ScoreMatrix& scores) {
  std::vector<Cell> cells;
  cells.reserve(scores.values.size());
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    for (std::size_t l = 0; l < scores.num_labels; ++l) {
      cells.push_back({scores.row(i)[l], i, static_cast<LabelId>(l)});
    }
  }
  sort_cells(cells);
  return cells;
}

std::vector<Cell> sorted_column(const ScoreMatrix& scores, LabelId label) {
  std::vector<Cell> cells;
  cells.reserve(scores.num_rows);
  for (std::size_t i = 0; i < scores.num_rows; ++i)
    cells.push_back({scores.row(i)[label], i, label});
  sort_cells(cells);
  return cells;
}

double threshold_after(const std::vector<Cell>& cells, std::size_t count) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (count == 0) {
    const double top = cells.front().score;
    return std::max(top + end_margin(cells, true), std::nextafter(top, kInfinity));
  }
  const double reached = cells[count - 1].score;
  if (count == cells.size()) return reached - end_margin(cells, false);
  const double middle = std::midpoint(cells[count].score, reached);
  // Between neighbouring doubles there is no middle: it rounds to one of them.
  return middle > cells[count].score ? middle : reached;
}

}  // namespace labelbeam::eval
