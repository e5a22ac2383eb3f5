#pragma once

#include <labelbeam/set_distribution.h>

#include <string>
#include <utility>
#include <vector>

/// Charts as inline SVG. Colours and fills come from the page's style: series k is drawn with the
/// classes `fill-k`, `line-k` and `mark-k`, which differ by pattern, dash and shape as well as by
/// colour.
namespace labelbeam::eval::svg {

struct Series {
  std::string name;
  int style = 0;                    ///< k of the classes: 0 .. kNumStyles - 1
  std::vector<double> values;       ///< one a category; what is not finite is left out
  std::vector<Interval> intervals;  ///< one a category, or none; what is not finite is left out
};

inline constexpr int kNumStyles = 6;  ///< the last is that of the truth

/// Values of series by category.
struct BarChart {
  std::string title;  ///< read out, not drawn
  std::vector<std::string> categories;
  std::vector<Series> series;
  std::string value_format = "{:.3f}";  ///< of a bar's label, as fmt reads it
};

/// Horizontal bars from 0 to 1, a label at the end of each.
std::string horizontal_bars(const BarChart& chart);

/// Vertical bars from 0 to the largest value, as shares of 1; `axis` names the categories.
std::string vertical_bars(const BarChart& chart, const std::string& axis);

/// Marks on lines from 0 to 1, with their intervals.
std::string dot_plot(const BarChart& chart);

enum class Markers {
  all,     ///< at every point
  sparse,  ///< a few along the line
  only,    ///< at every point, and no line
};

struct Line {
  std::string name;
  int style = 0;
  std::vector<std::pair<double, double>> points;  ///< in [0, 1] x [0, 1]
  Markers markers = Markers::all;
  std::vector<std::string> notes =
      {};                          ///< read out and shown at a point's mark; one a point, or none
  std::vector<double> sizes = {};  ///< of marks, 1 being the usual; one a point, or none
};

/// Lines in the unit square.
struct LineChart {
  std::string title;
  std::string x_axis;
  std::string y_axis;
  std::vector<Line> lines;
  bool diagonal = false;  ///< draws y = x for reference
};

std::string unit_square(const LineChart& chart);

/// How a legend shows a series.
enum class Drawing {
  bar,
  line,
  mark,    ///< on a whisker
  marker,  ///< by itself
};

/// Names and styles of the series, as an HTML list with small drawings.
std::string legend(const std::vector<std::pair<std::string, int>>& entries, Drawing drawing);

/// The patterns that the fill classes refer to; once a page, before any chart.
std::string pattern_definitions();

}  // namespace labelbeam::eval::svg
