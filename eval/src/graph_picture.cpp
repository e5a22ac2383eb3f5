#include <fmt/format.h>
#include <labelbeam/eval/graph_picture.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <string_view>

#include "graph_marks.h"
#include "safe_text.h"

namespace labelbeam::eval {
namespace {

constexpr std::size_t kMaxNameBytes = 44;
constexpr int kNumShapes = 6;
constexpr int kNumColours = 8;
constexpr double kLegendRow = 20.0;
constexpr const char* kDashes = " stroke-dasharray=\"6 5\"";

// Each rule names the picture, so that none reaches the page around it.
constexpr const char* kStyle = R"css(
.label-graph .page{fill:#fff}.label-graph .name{fill:#1c2128;stroke:#fff}.label-graph .quiet{fill:#5b6570}.label-graph .edge{stroke:#5b6570}.label-graph .rule{stroke:#d5dae0}
.label-graph .k0{fill:#2f62b3;stroke:#2f62b3}.label-graph .k1{fill:#b8560c;stroke:#b8560c}.label-graph .k2{fill:#23784a;stroke:#23784a}.label-graph .k3{fill:#8a3fa0;stroke:#8a3fa0}
.label-graph .k4{fill:#a8244e;stroke:#a8244e}.label-graph .k5{fill:#0f7f8c;stroke:#0f7f8c}.label-graph .k6{fill:#7a6a12;stroke:#7a6a12}.label-graph .k7{fill:#596270;stroke:#596270}
.label-graph .alone{fill:#7b8591;stroke:#7b8591}.label-graph .hollow{fill:none;pointer-events:all}.label-graph .frame{fill:none;stroke:#1c2128;pointer-events:none}
.label-graph .region{fill-opacity:.07;stroke-opacity:.35;stroke-width:1}.label-graph .across{opacity:.3}
.label-graph text{font:12px system-ui,sans-serif}.label-graph .name{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
.label-graph .title{font-size:15px;font-weight:600}.label-graph .edge{fill:none;stroke-linecap:round}.label-graph .edge:not(.across){opacity:.6}
@media (prefers-color-scheme:dark){
.label-graph .page{fill:#14181d}.label-graph .name{fill:#e4e8ed;stroke:#14181d}.label-graph .quiet{fill:#9ba6b2}.label-graph .edge{stroke:#9ba6b2}.label-graph .rule{stroke:#3a434d}
.label-graph .k0{fill:#7fa8ee;stroke:#7fa8ee}.label-graph .k1{fill:#f0a060;stroke:#f0a060}.label-graph .k2{fill:#6cc795;stroke:#6cc795}.label-graph .k3{fill:#d09be0;stroke:#d09be0}
.label-graph .k4{fill:#f08aa8;stroke:#f08aa8}.label-graph .k5{fill:#6cc7d2;stroke:#6cc7d2}.label-graph .k6{fill:#d2c15c;stroke:#d2c15c}.label-graph .k7{fill:#a9b2bd;stroke:#a9b2bd}
.label-graph .alone{fill:#8a94a0;stroke:#8a94a0}.label-graph .hollow{fill:none}.label-graph .frame{stroke:#e4e8ed}.label-graph .region{fill-opacity:.12}}
)css";

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

/// A community's mark; of a label on its own a grey circle. Shape and colour repeat with different
/// periods: 24 communities differ.
void append_mark(std::string& out, std::optional<std::size_t> community, double x, double y,
                 double radius) {
  constexpr double kUp = -std::numbers::pi / 2.0;
  out += community ? fmt::format("<g class=\"k{}\">", *community % kNumColours)
                   : std::string("<g class=\"alone\">");
  switch (community.value_or(0) % kNumShapes) {
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

double edge_width(double strength, double largest) {
  return 0.8 + 4.2 * (largest > 0.0 ? std::abs(strength) / largest : 0.0);
}

/// Width over font size of the character that starts with a byte; 0 for its other bytes.
double character_width(char byte) {
  const auto lead = static_cast<unsigned char>(byte);
  if (lead >= 0x80 && lead < 0xc0) return 0.0;
  if (lead >= 0xe1) return 1.25;  // beyond Latin, Greek, Cyrillic and their like
  if (std::string_view("MWmw@%").find(byte) != std::string_view::npos) return 1.0;
  const bool is_wide = (byte >= 'A' && byte <= 'Z') || lead >= 0xc0 ||
                       std::string_view("#&+<=>~").find(byte) != std::string_view::npos;
  return is_wide ? 0.84 : 0.64;
}

struct Legend {
  std::string svg;
  double height = 0.0;
};

/// Line widths, dashes, boxes and areas, in rows from the left.
Legend draw_legend(const GraphPicture& picture, double width, double top, bool has_regions) {
  Legend legend;
  double x = kTextMargin, y = top + kLegendRow;
  const auto place = [&](double needed) {
    if (x > kTextMargin && x + needed > width - kTextMargin) {
      x = kTextMargin;
      y += kLegendRow;
    }
    const double at = x;
    x += needed + 18.0;
    return at;
  };
  const auto say = [&](const std::string& text) {
    const double at = place(text_width(text));
    append(legend.svg, "<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", at, y,
           escape_html(text));
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
    const double at = place(46.0 + text_width(text));
    append(legend.svg, "<path class=\"edge\" d=\"M{:.1f} {:.1f}h38\" stroke-width=\"{:.1f}\"{}/>",
           at, y - 4.0, edge_width(strength, largest), strength < 0.0 ? kDashes : "");
    append(legend.svg, "<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", at + 44.0, y,
           escape_html(text));
  }
  if (has_regions) {
    const std::string text = "a tinted box: a community, labels that go together";
    const double at = place(26.0 + text_width(text));
    append(legend.svg,
           "<g class=\"k0\"><rect class=\"region\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"20\" "
           "height=\"13\" rx=\"4\"/></g>",
           at, y - 11.0);
    append(legend.svg, "<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", at + 26.0, y,
           text);
  }
  say("area of a mark: rows");
  if (picture.num_left_out > 0) {
    say(fmt::format("lines: {} of {} pairs", picture.edges.size(),
                    picture.edges.size() + picture.num_left_out));
  }
  legend.height = y + 12.0 - top;
  return legend;
}

}  // namespace

std::string shown_name(const std::string& name) {
  std::string line = name;
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return shorten(line, kMaxNameBytes);
}

double text_width(const std::string& line, double font_size) {
  double width = 0.0;
  for (const char byte : line) width += font_size * character_width(byte);
  return width;
}

double title_width(const GraphPicture& picture) {
  constexpr double kBold = 1.15;
  return kBold * text_width(picture.title, kTitleSize);
}

double name_width(const std::string& name) { return text_width(shown_name(name)); }

std::map<std::size_t, std::size_t> community_sizes(const GraphPicture& picture) {
  std::map<std::size_t, std::size_t> sizes;
  for (const PictureNode& node : picture.nodes) ++sizes[node.community];
  return sizes;
}

double largest_count(const GraphPicture& picture) {
  double largest = 0.0;
  for (const PictureNode& node : picture.nodes) largest = std::max(largest, node.count);
  return largest;
}

double mark_radius(double count, double largest) {
  return 4.0 + 12.0 * std::sqrt(largest > 0.0 ? std::max(count, 0.0) / largest : 0.0);
}

double largest_strength(const GraphPicture& picture) {
  double largest = 0.0;
  for (const PictureEdge& edge : picture.edges) {
    largest = std::max(largest, std::abs(edge.strength));
  }
  return largest;
}

void open_picture(std::string& out, const GraphPicture& picture, double width, double height) {
  append(out,
         "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"label-graph\" viewBox=\"0 0 {0:.0f} "
         "{1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\">\n<title>{2}</title>\n"
         "<style>{3}</style>\n<rect class=\"page\" width=\"{0:.0f}\" height=\"{1:.0f}\"/>\n",
         width, height, escape_html(picture.title), kStyle);
}

void append_title(std::string& out, const GraphPicture& picture) {
  append(out, "<text class=\"name title\" x=\"{:.0f}\" y=\"24\">{}</text>\n", kTextMargin,
         escape_html(picture.title));
}

std::string tooltip(const GraphPicture& picture, const PictureEdge& edge) {
  return escape_html(fmt::format("{} - {}: {} {:.3g}{}{}", picture.nodes[edge.first].name,
                                 picture.nodes[edge.second].name, picture.measure, edge.strength,
                                 edge.note.empty() ? "" : "; ", edge.note));
}

std::string draw_graph(const GraphPicture& picture) {
  if (picture.nodes.size() > kMaxDrawnNodes) return draw_heat_map(picture);
  const GraphLayout layout = layout_graph(picture);
  constexpr double kTitle = 34.0;
  const double width = std::max(layout.width, title_width(picture) + 2.0 * kTextMargin);
  const Legend legend =
      draw_legend(picture, width, kTitle + layout.height, !layout.regions.empty());
  const double largest = largest_strength(picture);
  const double most = largest_count(picture);
  std::string out;
  open_picture(out, picture, width, kTitle + layout.height + legend.height);
  append_title(out, picture);
  append(out, "<g transform=\"translate(0 {:.0f})\">\n", kTitle);
  const auto centre = [&](std::size_t n) {
    const NodeBox& box = layout.boxes[n];
    return std::pair(box.x + mark_radius(picture.nodes[n].count, most), box.y + box.height / 2.0);
  };
  std::vector<PictureEdge> edges = picture.edges;  // the strongest on top
  std::stable_sort(edges.begin(), edges.end(), [](const PictureEdge& a, const PictureEdge& b) {
    return std::abs(a.strength) < std::abs(b.strength);
  });
  for (const auto& [community, region] : layout.regions) {
    append(out,
           "<g class=\"k{}\"><rect class=\"region\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
           "height=\"{:.1f}\" rx=\"10\"/></g>\n",
           community % kNumColours, region.x, region.y, region.width, region.height);
  }
  const auto is_across = [&](const PictureEdge& edge) {
    return picture.nodes[edge.first].community != picture.nodes[edge.second].community;
  };
  std::stable_partition(edges.begin(), edges.end(), is_across);
  for (const PictureEdge& edge : edges) {
    const auto [x1, y1] = centre(edge.first);
    const auto [x2, y2] = centre(edge.second);
    append(out,
           "<path class=\"edge{}\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\" stroke-width=\"{:.1f}\"{}>"
           "<title>{}</title></path>\n",
           is_across(edge) ? " across" : "", x1, y1, x2, y2, edge_width(edge.strength, largest),
           edge.strength < 0.0 ? kDashes : "", tooltip(picture, edge));
  }
  const std::map<std::size_t, std::size_t> sizes = community_sizes(picture);
  for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
    const PictureNode& node = picture.nodes[n];
    const auto [x, y] = centre(n);
    const double radius = mark_radius(node.count, most);
    append(out, "<g><title>{}: {:g} rows</title>", escape_html(node.name), node.count);
    append_mark(out, sizes.at(node.community) > 1 ? std::optional(node.community) : std::nullopt, x,
                y, radius);
    append(out, "<text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text></g>\n",
           x + radius + kNameGap, y + 0.35 * kFontSize, escape_html(shown_name(node.name)));
  }
  return out + "</g>\n" + legend.svg + "</svg>\n";
}

}  // namespace labelbeam::eval
