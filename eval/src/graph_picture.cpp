#include <fmt/format.h>
#include <labelbeam/eval/graph_picture.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numbers>
#include <numeric>

#include "graph_marks.h"
#include "safe_text.h"

namespace labelbeam::eval {
namespace {

constexpr std::size_t kMaxNameBytes = 44;
constexpr int kNumShapes = 6;
constexpr int kNumColours = 8;
constexpr std::size_t kMaxLegendCommunities = 12;
constexpr double kLegendRow = 20.0;

constexpr const char* kStyle = R"css(
.page{fill:#fff}.name{fill:#1c2128;stroke:#fff}.quiet{fill:#5b6570}.edge{stroke:#5b6570}.rule{stroke:#d5dae0}
.k0{fill:#2f62b3;stroke:#2f62b3}.k1{fill:#b8560c;stroke:#b8560c}.k2{fill:#23784a;stroke:#23784a}.k3{fill:#8a3fa0;stroke:#8a3fa0}
.k4{fill:#a8244e;stroke:#a8244e}.k5{fill:#0f7f8c;stroke:#0f7f8c}.k6{fill:#7a6a12;stroke:#7a6a12}.k7{fill:#596270;stroke:#596270}
.hollow{fill:none}
text{font:12px system-ui,sans-serif}.name{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
.title{font-size:15px;font-weight:600}.edge{fill:none;stroke-linecap:round;opacity:.55}
@media (prefers-color-scheme:dark){
.page{fill:#14181d}.name{fill:#e4e8ed;stroke:#14181d}.quiet{fill:#9ba6b2}.edge{stroke:#9ba6b2}.rule{stroke:#3a434d}
.k0{fill:#7fa8ee;stroke:#7fa8ee}.k1{fill:#f0a060;stroke:#f0a060}.k2{fill:#6cc795;stroke:#6cc795}.k3{fill:#d09be0;stroke:#d09be0}
.k4{fill:#f08aa8;stroke:#f08aa8}.k5{fill:#6cc7d2;stroke:#6cc7d2}.k6{fill:#d2c15c;stroke:#d2c15c}.k7{fill:#a9b2bd;stroke:#a9b2bd}
.hollow{fill:none}}
)css";

template <typename... Args>
void append(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

/// The corners of a regular polygon, or of a star where every second one is drawn in.
void append_polygon(std::string& out, int corners, double turn, double inner, double x, double y,
                    double radius) {
  out += "<polygon points=\"";
  for (int c = 0; c < corners; ++c) {
    const double angle = turn + 2.0 * std::numbers::pi * c / corners;
    const double r = c % 2 == 1 ? inner * radius : radius;
    append(out, "{:.1f},{:.1f} ", x + r * std::cos(angle), y + r * std::sin(angle));
  }
  out += "\"/>";
}

/// A community's mark. Shape and colour repeat with different periods: 24 communities differ.
void append_mark(std::string& out, std::size_t community, double x, double y, double radius) {
  constexpr double kUp = -std::numbers::pi / 2.0;
  append(out, "<g class=\"k{}\">", community % kNumColours);
  switch (community % kNumShapes) {
    case 0:
      append(out, "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>", x, y, radius);
      break;
    case 1:
      append_polygon(out, 4, std::numbers::pi / 4.0, 1.0, x, y, radius);
      break;
    case 2:
      append_polygon(out, 3, kUp, 1.0, x, y, radius);
      break;
    case 3:
      append_polygon(out, 4, 0.0, 1.0, x, y, radius);
      break;
    case 4:
      append_polygon(out, 6, 0.0, 1.0, x, y, radius);
      break;
    default:
      append_polygon(out, 10, kUp, 0.5, x, y, radius);
  }
  out += "</g>";
}

double largest_strength(const GraphPicture& picture) {
  double largest = 0.0;
  for (const PictureEdge& edge : picture.edges) {
    largest = std::max(largest, std::abs(edge.strength));
  }
  return largest;
}

double edge_width(double strength, double largest) {
  return 0.8 + 5.2 * (largest > 0.0 ? std::abs(strength) / largest : 0.0);
}

void open_picture(std::string& out, const GraphPicture& picture, double width, double height) {
  append(out,
         "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"label-graph\" viewBox=\"0 0 {0:.0f} "
         "{1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\">\n<title>{2}</title>\n"
         "<style>{3}</style>\n<rect class=\"page\" width=\"{0:.0f}\" height=\"{1:.0f}\"/>\n",
         width, height, escape_html(picture.title), kStyle);
}

/// The communities of more than one label, with their most frequent label.
std::vector<std::pair<std::size_t, std::string>> community_names(const GraphPicture& picture) {
  struct Community {
    std::size_t size = 0;
    std::size_t top = 0;
  };
  std::map<std::size_t, Community> communities;
  for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
    Community& community = communities[picture.nodes[n].community];
    if (community.size++ == 0 || picture.nodes[n].count > picture.nodes[community.top].count) {
      community.top = n;
    }
  }
  std::vector<std::pair<std::size_t, std::string>> names;
  for (const auto& [id, community] : communities) {
    if (community.size < 2) continue;
    names.emplace_back(id,
                       fmt::format("{} and {} more", shown_name(picture.nodes[community.top].name),
                                   community.size - 1));
  }
  return names;
}

struct Legend {
  std::string svg;
  double height = 0.0;
};

/// Communities, line widths and dashes, in rows from the left.
Legend draw_legend(const GraphPicture& picture, double width, double top) {
  Legend legend;
  double x = 16.0, y = top + kLegendRow;
  const auto place = [&](double needed) {
    if (x > 16.0 && x + needed > width - 16.0) {
      x = 16.0;
      y += kLegendRow;
    }
    const double at = x;
    x += needed + 18.0;
    return at;
  };
  const double largest = largest_strength(picture);
  std::vector<double> shown;
  if (largest > 0.0) shown = {largest / 4.0, largest};
  const bool has_negative =
      std::any_of(picture.edges.begin(), picture.edges.end(),
                  [](const PictureEdge& edge) { return edge.strength < 0.0; });
  if (has_negative) shown.push_back(-largest);
  for (const double strength : shown) {
    const std::string text = strength < 0.0
                                 ? fmt::format("dashed: below 0, labels avoid each other")
                                 : fmt::format("{} {:.2g}", picture.measure, strength);
    const double at = place(46.0 + name_width(text));
    append(legend.svg, "<path class=\"edge\" d=\"M{:.1f} {:.1f}h38\" stroke-width=\"{:.1f}\"{}/>",
           at, y - 4.0, edge_width(strength, largest),
           strength < 0.0 ? " stroke-dasharray=\"6 5\"" : "");
    append(legend.svg, "<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", at + 44.0, y,
           escape_html(text));
  }
  std::vector<std::pair<std::size_t, std::string>> names = community_names(picture);
  if (names.size() > kMaxLegendCommunities) names.resize(kMaxLegendCommunities);
  for (const auto& [community, name] : names) {
    const double at = place(16.0 + name_width(name));
    append_mark(legend.svg, community, at + 6.0, y - 4.0, 6.0);
    append(legend.svg, "<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", at + 16.0, y,
           escape_html(name));
  }
  legend.height = y + 12.0 - top;
  return legend;
}

/// The labels by community, then falling count, then as given.
std::vector<std::size_t> matrix_order(const GraphPicture& picture) {
  std::vector<std::size_t> order(picture.nodes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const PictureNode &first = picture.nodes[a], &second = picture.nodes[b];
    return first.community != second.community ? first.community < second.community
                                               : first.count > second.count;
  });
  return order;
}

std::string tooltip(const GraphPicture& picture, const PictureEdge& edge) {
  return escape_html(fmt::format("{} - {}: {} {:.3g}", picture.nodes[edge.first].name,
                                 picture.nodes[edge.second].name, picture.measure, edge.strength));
}

}  // namespace

std::string shown_name(const std::string& name) {
  std::string line = name;
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return shorten(line, kMaxNameBytes);
}

double name_width(const std::string& name) {
  double width = 0.0;
  for (const char byte : shown_name(name)) {
    const auto lead = static_cast<unsigned char>(byte);
    if (lead >= 0x80 && lead < 0xc0) continue;  // the rest of a character
    const bool wide = lead >= 0xe1;             // beyond Latin, Greek, Cyrillic and their like
    width += (wide ? 1.25 : 0.62) * kFontSize;
  }
  return width;
}

double largest_count(const GraphPicture& picture) {
  double largest = 0.0;
  for (const PictureNode& node : picture.nodes) largest = std::max(largest, node.count);
  return largest;
}

double mark_radius(double count, double largest) {
  return 4.0 + 12.0 * std::sqrt(largest > 0.0 ? std::max(count, 0.0) / largest : 0.0);
}

std::string draw_graph(const GraphPicture& picture) {
  if (picture.nodes.size() > kMaxDrawnNodes) return draw_heat_map(picture);
  const GraphLayout layout = layout_graph(picture);
  constexpr double kTitle = 34.0;
  const Legend legend = draw_legend(picture, layout.width, kTitle + layout.height);
  const double largest = largest_strength(picture);
  const double most = largest_count(picture);
  std::string out;
  open_picture(out, picture, layout.width, kTitle + layout.height + legend.height);
  append(out,
         "<text class=\"name title\" x=\"16\" y=\"24\">{}</text>\n<g transform=\"translate(0 "
         "{:.0f})\">\n",
         escape_html(picture.title), kTitle);
  const auto centre = [&](std::size_t n) {
    const NodeBox& box = layout.boxes[n];
    return std::pair(box.x + mark_radius(picture.nodes[n].count, most), box.y + box.height / 2.0);
  };
  std::vector<PictureEdge> edges = picture.edges;  // the strongest on top
  std::stable_sort(edges.begin(), edges.end(), [](const PictureEdge& a, const PictureEdge& b) {
    return std::abs(a.strength) < std::abs(b.strength);
  });
  for (const PictureEdge& edge : edges) {
    const auto [x1, y1] = centre(edge.first);
    const auto [x2, y2] = centre(edge.second);
    append(out,
           "<path class=\"edge\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\" stroke-width=\"{:.1f}\"{}>"
           "<title>{}</title></path>\n",
           x1, y1, x2, y2, edge_width(edge.strength, largest),
           edge.strength < 0.0 ? " stroke-dasharray=\"6 5\"" : "", tooltip(picture, edge));
  }
  for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
    const PictureNode& node = picture.nodes[n];
    const auto [x, y] = centre(n);
    const double radius = mark_radius(node.count, most);
    append(out, "<g><title>{}: {:g} rows</title>", escape_html(node.name), node.count);
    append_mark(out, node.community, x, y, radius);
    append(out, "<text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text></g>\n",
           x + radius + kNameGap, y + 0.35 * kFontSize, escape_html(shown_name(node.name)));
  }
  return out + "</g>\n" + legend.svg + "</svg>\n";
}

std::string draw_heat_map(const GraphPicture& picture) {
  check_picture(picture);
  const std::vector<std::size_t> order = matrix_order(picture);
  const std::size_t n = order.size();
  std::vector<std::size_t> place(n);
  for (std::size_t k = 0; k < n; ++k) place[order[k]] = k;
  const double cell = std::clamp(900.0 / static_cast<double>(n), 2.0, 16.0);
  const bool named = cell >= kFontSize;
  double margin = 150.0;  // for the communities' names
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
    if (starts) {
      append(out, "<path class=\"rule\" d=\"M{0:.1f} {1:.1f}h{2:.1f}M{3:.1f} {4:.1f}v{2:.1f}\"/>\n",
             left, top + at, side, left + at, top);
    }
  }
  append(out,
         "<rect class=\"rule hollow\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
         "height=\"{:.1f}\"/>\n",
         left, top, side, side);

  const double largest = largest_strength(picture);
  for (const PictureEdge& edge : picture.edges) {
    const double size =
        cell * std::sqrt(largest > 0.0 ? std::max(0.08, std::abs(edge.strength) / largest) : 0.08);
    for (const auto& [row, column] : {std::pair(place[edge.first], place[edge.second]),
                                      std::pair(place[edge.second], place[edge.first])}) {
      const double x = left + cell * (static_cast<double>(column) + 0.5) - size / 2.0;
      const double y = top + cell * (static_cast<double>(row) + 0.5) - size / 2.0;
      append(out, "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"",
             edge.strength < 0.0 ? "k1 hollow" : "k0", x, y, size, size);
      if (named) {
        append(out, "><title>{}</title></rect>\n", tooltip(picture, edge));
      } else {
        out += "/>\n";
      }
    }
  }
  append(out,
         "<text class=\"quiet\" x=\"16\" y=\"{:.1f}\">Area of a square: {} of two labels, up to "
         "{:.2g}; "
         "hollow: below 0, the labels avoid each other.</text>\n<text class=\"quiet\" x=\"16\" "
         "y=\"{:.1f}\">Lines part communities{}.</text>\n</svg>\n",
         top + side + 24.0, escape_html(picture.measure), largest, top + side + 42.0,
         named ? "" : "; each is named by its most frequent label");
  return out;
}

}  // namespace labelbeam::eval
