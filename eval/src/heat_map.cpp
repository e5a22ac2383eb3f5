#include <fmt/format.h>
#include <labelbeam/eval/graph_picture.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "graph_marks.h"
#include "safe_text.h"

namespace labelbeam::eval {
namespace {

/// The labels by community, then falling count, then as given; of more than `kMaxDrawnNodes` those
/// that have an edge.
std::vector<std::size_t> matrix_order(const GraphPicture& upper, const GraphPicture& lower) {
  const std::vector<PictureNode>& nodes = upper.nodes;
  std::vector<bool> is_shown(nodes.size(), nodes.size() <= kMaxDrawnNodes);
  for (const GraphPicture* half : {&upper, &lower}) {
    for (const PictureEdge& edge : half->edges) is_shown[edge.first] = is_shown[edge.second] = true;
  }
  std::vector<std::size_t> order;
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    if (is_shown[n]) order.push_back(n);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return nodes[a].community != nodes[b].community ? nodes[a].community < nodes[b].community
                                                    : nodes[a].count > nodes[b].count;
  });
  return order;
}

/// Which labels have a row and a column, and where these are.
struct MatrixLayout {
  std::vector<std::size_t> order;  // into the nodes
  bool is_named = true;            // every row; else each community by its first label
  double cell = 0.0;
  double left = 0.0;
  double top = 0.0;

  double side() const { return cell * static_cast<double>(order.size()); }
  double row_at(std::size_t row) const { return top + cell * static_cast<double>(row); }
  double column_at(std::size_t column) const { return left + cell * static_cast<double>(column); }
};

using Nodes = std::vector<PictureNode>;

bool starts_community(const Nodes& nodes, const MatrixLayout& matrix, std::size_t row) {
  return row == 0 || nodes[matrix.order[row]].community != nodes[matrix.order[row - 1]].community;
}

/// Empty where a row has no name.
std::string row_name(const Nodes& nodes, const MatrixLayout& matrix, std::size_t row) {
  constexpr std::size_t kMostOfCommunity = 20;
  const std::string name = shown_name(nodes[matrix.order[row]].name);
  if (matrix.is_named) return name;
  return starts_community(nodes, matrix, row) ? shorten(name, kMostOfCommunity) : "";
}

MatrixLayout make_matrix(const GraphPicture& upper, const GraphPicture& lower) {
  MatrixLayout matrix;
  matrix.order = matrix_order(upper, lower);
  matrix.is_named = matrix.order.size() <= kMaxDrawnNodes;
  matrix.cell =
      std::clamp(1400.0 / static_cast<double>(std::max<std::size_t>(matrix.order.size(), 1)),
                 matrix.is_named ? kFontSize + 1.0 : 2.0, 18.0);
  double names = 0.0;
  for (std::size_t row = 0; row < matrix.order.size(); ++row) {
    names = std::max(names, text_width(row_name(upper.nodes, matrix, row)));
  }
  matrix.left = 24.0 + names;
  matrix.top = matrix.is_named ? 40.0 + names : 48.0;
  return matrix;
}

void append_names(std::string& out, const Nodes& nodes, const MatrixLayout& matrix) {
  double free_from = matrix.top;
  for (std::size_t row = 0; row < matrix.order.size(); ++row) {
    const std::string name = row_name(nodes, matrix, row);
    if (name.empty() || matrix.row_at(row) < free_from) continue;
    const double below = matrix.is_named ? 0.5 * matrix.cell + 0.35 * kFontSize : 0.8 * kFontSize;
    append(out, "<text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
           matrix.left - 6.0, matrix.row_at(row) + below, escape_html(name));
    if (!matrix.is_named) {
      free_from = matrix.row_at(row) + kFontSize + 2.0;
      continue;
    }
    append(out,
           "<text class=\"name\" transform=\"translate({:.1f} {:.1f}) rotate(-90)\">{}</text>\n",
           matrix.column_at(row) + below, matrix.top - 6.0, escape_html(name));
  }
}

/// The frame, and the lines between communities of three labels or more.
void append_rules(std::string& out, const Nodes& nodes, const MatrixLayout& matrix) {
  std::map<std::size_t, std::size_t> sizes;
  for (const std::size_t label : matrix.order) ++sizes[nodes[label].community];
  const auto is_large = [&](std::size_t row) {
    return sizes[nodes[matrix.order[row]].community] > 2;
  };
  for (std::size_t row = 0; row < matrix.order.size(); ++row) {
    if (!starts_community(nodes, matrix, row)) continue;
    if (!is_large(row) && (row == 0 || !is_large(row - 1))) continue;
    append(out, "<path class=\"rule\" d=\"M{0:.1f} {1:.1f}h{2:.1f}M{3:.1f} {4:.1f}v{2:.1f}\"/>\n",
           matrix.left, matrix.row_at(row), matrix.side(), matrix.column_at(row), matrix.top);
  }
  append(out,
         "<rect class=\"rule hollow\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
         "height=\"{:.1f}\"/>\n",
         matrix.left, matrix.top, matrix.side(), matrix.side());
}

/// The squares of one half: above the diagonal, or below it.
void append_squares(std::string& out, const GraphPicture& half, const MatrixLayout& matrix,
                    double largest, bool is_upper) {
  constexpr std::size_t kMostTooltips = 20000;  // a megabyte or so
  const bool has_tooltips = half.edges.size() <= kMostTooltips;
  std::vector<std::size_t> place(half.nodes.size());
  for (std::size_t row = 0; row < matrix.order.size(); ++row) place[matrix.order[row]] = row;
  for (const PictureEdge& edge : half.edges) {
    const auto [less, more] = std::minmax(place[edge.first], place[edge.second]);
    const double part = largest > 0.0 ? std::abs(edge.strength) / largest : 0.0;
    const double size = matrix.cell * std::sqrt(std::max(0.08, part));
    const double x = matrix.column_at(is_upper ? more : less);
    const double y = matrix.row_at(is_upper ? less : more);
    const double margin = (matrix.cell - size) / 2.0;
    append(out, "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"",
           edge.strength < 0.0 ? "k1 hollow" : "k0", x + margin, y + margin, size, size);
    out += has_tooltips ? fmt::format("><title>{}</title></rect>\n", tooltip(half, edge)) : "/>\n";
    if (!edge.is_framed) continue;
    append(out,
           "<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
           "stroke-width=\"{:.1f}\"/>\n",
           x, y, matrix.cell, matrix.cell, std::min(1.5, matrix.cell / 6.0));
  }
}

/// The words of a text in lines that are at most so wide, but for words that are wider.
std::vector<std::string> wrap_text(const std::string& text, double width) {
  std::vector<std::string> lines;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!lines.empty() && text_width(lines.back() + ' ' + word) <= width) {
      lines.back() += ' ' + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

/// What squares and lines mean, wrapped.
std::vector<std::string> legend_lines(const GraphPicture& picture, const MatrixLayout& matrix,
                                      double largest, const std::string& reading, double width) {
  std::vector<std::string> lines = wrap_text(
      fmt::format("Area of a square: {} of two labels, up to {:.2g}; hollow: below 0, the labels "
                  "avoid each other.",
                  picture.measure, largest),
      width);
  std::string rules = reading + "Lines part communities of three labels or more";
  if (!matrix.is_named) rules += "; communities are named by their most frequent label";
  if (matrix.order.size() < picture.nodes.size()) {
    rules += fmt::format("; {} labels without a pair are left out",
                         picture.nodes.size() - matrix.order.size());
  }
  for (std::string& line : wrap_text(rules + '.', width)) lines.push_back(std::move(line));
  return lines;
}

/// `upper` above the diagonal, `lower` below it; `reading`: what the halves are.
std::string draw_matrix(const GraphPicture& upper, const GraphPicture& lower,
                        const std::string& reading) {
  constexpr double kLeastWidth = 560.0, kLegendRow = 18.0;
  const MatrixLayout matrix = make_matrix(upper, lower);
  const double largest = std::max(largest_strength(upper), largest_strength(lower));
  double width = std::max(
      {kLeastWidth, matrix.left + matrix.side() + 24.0, title_width(upper) + 2.0 * kTextMargin});
  const std::vector<std::string> legend =
      legend_lines(upper, matrix, largest, reading, width - 2.0 * kTextMargin);
  for (const std::string& line : legend) {
    width = std::max(width, text_width(line) + 2.0 * kTextMargin);
  }
  double y = matrix.top + matrix.side() + 24.0;
  std::string out;
  open_picture(out, upper, width, y + kLegendRow * static_cast<double>(legend.size() - 1) + 10.0);
  append_title(out, upper);
  append_names(out, upper.nodes, matrix);
  append_rules(out, upper.nodes, matrix);
  append_squares(out, upper, matrix, largest, true);
  append_squares(out, lower, matrix, largest, false);
  for (const std::string& line : legend) {
    append(out, "<text class=\"quiet\" x=\"{:.0f}\" y=\"{:.1f}\">{}</text>\n", kTextMargin, y,
           escape_html(line));
    y += kLegendRow;
  }
  return out + "</svg>\n";
}

}  // namespace

std::string draw_heat_map(const GraphPicture& picture) {
  check_picture(picture);
  return draw_matrix(picture, picture, "");
}

std::string draw_triangles(const GraphPicture& upper, const std::string& upper_name,
                           const GraphPicture& lower, const std::string& lower_name) {
  check_picture(upper);
  check_picture(lower);
  const auto same_name = [](const PictureNode& a, const PictureNode& b) {
    return a.name == b.name;
  };
  if (!std::equal(upper.nodes.begin(), upper.nodes.end(), lower.nodes.begin(), lower.nodes.end(),
                  same_name)) {
    throw std::invalid_argument("draw_triangles: the two graphs are of different labels");
  }
  return draw_matrix(upper, lower,
                     fmt::format("Above the diagonal: {}; below it: {}. ", upper_name, lower_name));
}

}  // namespace labelbeam::eval
