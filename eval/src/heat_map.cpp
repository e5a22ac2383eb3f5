#include <fmt/format.h>
#include <labelbeam/eval/graph_picture.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
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

/// `upper` above the diagonal, `lower` below it; `reading`: what the halves are.
std::string draw_matrix(const GraphPicture& upper, const GraphPicture& lower,
                        const std::string& reading) {
  const GraphPicture& picture = upper;
  const std::vector<std::size_t> order = matrix_order(upper, lower);
  const std::size_t n = order.size();
  std::vector<std::size_t> place(picture.nodes.size());
  for (std::size_t k = 0; k < n; ++k) place[order[k]] = k;
  const bool named = n <= kMaxDrawnNodes;
  const double cell = std::clamp(1400.0 / static_cast<double>(std::max<std::size_t>(n, 1)),
                                 named ? kFontSize + 1.0 : 2.0, 18.0);
  double margin = 130.0;  // for the communities' names
  if (named) {
    margin = 0.0;
    for (const PictureNode& node : picture.nodes) margin = std::max(margin, name_width(node.name));
  }
  const double left = 24.0 + margin, top = named ? 40.0 + margin : 48.0;
  const double side = cell * static_cast<double>(n);
  std::string out;
  constexpr double kLegendHeight = 52.0;
  open_picture(out, picture, left + side + 24.0, top + side + kLegendHeight);
  append(out, "<text class=\"name title\" x=\"16\" y=\"24\">{}</text>\n",
         escape_html(picture.title));

  const auto label = [&](double y, const std::string& text) {
    append(out, "<text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
           left - 6.0, y, escape_html(text));
  };
  std::map<std::size_t, std::size_t> sizes;
  for (const std::size_t label : order) ++sizes[picture.nodes[label].community];
  double free_from = top;
  for (std::size_t k = 0; k < n; ++k) {
    const PictureNode& node = picture.nodes[order[k]];
    const double at = cell * static_cast<double>(k);
    const bool starts = k == 0 || node.community != picture.nodes[order[k - 1]].community;
    if (named) {
      label(top + at + 0.5 * cell + 0.35 * kFontSize, shown_name(node.name));
      append(out,
             "<text class=\"name\" transform=\"translate({:.1f} {:.1f}) rotate(-90)\">{}</text>\n",
             left + at + 0.5 * cell + 0.35 * kFontSize, top - 6.0,
             escape_html(shown_name(node.name)));
    } else if (starts && top + at >= free_from) {
      label(top + at + 0.8 * kFontSize, shorten(shown_name(node.name), 20));
      free_from = top + at + kFontSize + 2.0;
    }
    const bool ends_large = k > 0 && sizes[picture.nodes[order[k - 1]].community] > 2;
    if (starts && (sizes[node.community] > 2 || ends_large)) {
      append(out, "<path class=\"rule\" d=\"M{0:.1f} {1:.1f}h{2:.1f}M{3:.1f} {4:.1f}v{2:.1f}\"/>\n",
             left, top + at, side, left + at, top);
    }
  }
  append(out,
         "<rect class=\"rule hollow\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
         "height=\"{:.1f}\"/>\n",
         left, top, side, side);

  const double largest = std::max(largest_strength(upper), largest_strength(lower));
  const auto add = [&](const GraphPicture& half, const PictureEdge& edge, std::size_t row,
                       std::size_t column) {
    const double size =
        cell * std::sqrt(largest > 0.0 ? std::max(0.08, std::abs(edge.strength) / largest) : 0.08);
    const double x = left + cell * (static_cast<double>(column) + 0.5) - size / 2.0;
    const double y = top + cell * (static_cast<double>(row) + 0.5) - size / 2.0;
    append(out, "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"",
           edge.strength < 0.0 ? "k1 hollow" : "k0", x, y, size, size);
    if (named) {
      append(out, "><title>{}</title></rect>\n", tooltip(half, edge));
    } else {
      out += "/>\n";
    }
  };
  for (const PictureEdge& edge : upper.edges) {
    const auto [row, column] = std::minmax(place[edge.first], place[edge.second]);
    add(upper, edge, row, column);
  }
  for (const PictureEdge& edge : lower.edges) {
    const auto [column, row] = std::minmax(place[edge.first], place[edge.second]);
    add(lower, edge, row, column);
  }
  std::string omitted;
  if (!named) omitted = "; communities are named by their most frequent label";
  if (n < picture.nodes.size()) {
    omitted += fmt::format("; {} labels without a pair are left out", picture.nodes.size() - n);
  }
  append(
      out,
      "<text class=\"quiet\" x=\"16\" y=\"{:.1f}\">Area of a square: {} of two labels, up to "
      "{:.2g}; hollow: below 0, the labels avoid each other.</text>\n<text class=\"quiet\" "
      "x=\"16\" y=\"{:.1f}\">{}Lines part communities of three labels or more{}.</text>\n</svg>\n",
      top + side + 24.0, escape_html(picture.measure), largest, top + side + 42.0,
      escape_html(reading), omitted);
  return out;
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
