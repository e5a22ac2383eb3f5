#include "svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "safe_text.h"

namespace labelbeam::eval::svg {
namespace {

constexpr double kWidth = 720.0;
constexpr double kBarHeight = 12.0;
constexpr double kGroupGap = 10.0;
constexpr std::size_t kMaxCategoryText = 40;  // bytes that fit left of the bars

template <typename... Args>
void append(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

void open_chart(std::string& out, double width, double height, const std::string& title,
                const char* shape) {
  append(out,
         "<svg class=\"chart {}\" viewBox=\"0 0 {:.0f} {:.0f}\" width=\"{:.0f}\" role=\"img\">",
         shape, width, height, width);
  append(out, "<title>{}</title>", escape_html(title));
}

std::string format_label(const std::string& format, double value) {
  return fmt::format(fmt::runtime(format), value);
}

/// 1, 2 or 5 times a power of ten, so that about four steps reach `largest`.
double tick_step(double largest) {
  const double raw = largest / 4.0;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw) return factor * power;
  }
  return 10.0 * power;
}

double largest_value(const std::vector<Series>& series) {
  double largest = 0.0;
  for (const Series& item : series) {
    for (const double value : item.values) {
      if (std::isfinite(value)) largest = std::max(largest, value);
    }
  }
  return largest;
}

void append_marker(std::string& out, int style, double x, double y, double size = 1.0) {
  if (size != 1.0) {
    append(out, "<g transform=\"translate({:.1f} {:.1f}) scale({:.2f})\">", x, y, size);
    append_marker(out, style, 0.0, 0.0);
    out += "</g>";
    return;
  }
  const auto path = [&](const char* shape) {
    append(out, "<path class=\"mark-{}\" d=\"M{:.1f} {:.1f}{}z\"/>", style, x, y, shape);
  };
  switch (style) {
    case 1:
      return path("m-4 -4h8v8h-8");  // square
    case 2:
      return path("m0 -6l5.2 9h-10.4");  // triangle
    case 3:
      return path("m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5");  // diamond
    case 4:
      return path("m0 6l5.2 -9h-10.4");  // triangle on its point
    default:
      append(out, "<circle class=\"mark-{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.2\"/>", style, x, y);
  }
}

/// The axis from 0 to 1 of a chart whose categories are rows.
void append_unit_axis(std::string& out, double left, double width, double height) {
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    const double x = left + tick * width;
    append(out, "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1:.1f}\"/>", x,
           height - 18.0);
    append(out, "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>",
           x, height - 4.0, tick);
  }
}

void append_row_name(std::string& out, double right, double y, const std::string& name) {
  append(out, "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\"><title>{}</title>{}</text>",
         right, y, escape_html(name), escape_html(shorten(name, kMaxCategoryText)));
}

using Points = std::vector<std::pair<double, double>>;

/// Points at equal steps along a line; lines of different styles have theirs at different places.
Points sparse_points(const Points& points, int style) {
  constexpr double kStep = 0.28;
  Points chosen;
  double next = kStep * (0.3 + static_cast<double>(style) / kNumStyles);
  double reached = 0.0;
  for (std::size_t k = 1; k < points.size(); ++k) {
    const auto [x0, y0] = points[k - 1];
    const double dx = points[k].first - x0, dy = points[k].second - y0;
    const double length = std::hypot(dx, dy);
    for (; next <= reached + length && length > 0.0; next += kStep) {
      const double share = (next - reached) / length;
      chosen.emplace_back(x0 + share * dx, y0 + share * dy);
    }
    reached += length;
  }
  return chosen;
}

}  // namespace

std::string horizontal_bars(const BarChart& chart) {
  constexpr double kLeft = 210.0;
  constexpr double kRight = 60.0;
  constexpr double kPlot = kWidth - kLeft - kRight;
  const double group = kBarHeight * static_cast<double>(chart.series.size()) + kGroupGap;
  const double height = group * static_cast<double>(chart.categories.size()) + 24.0;

  std::string out;
  open_chart(out, kWidth, height, chart.title, "wide");
  append_unit_axis(out, kLeft, kPlot, height);
  for (std::size_t c = 0; c < chart.categories.size(); ++c) {
    const double top = group * static_cast<double>(c) + kGroupGap / 2.0;
    const double middle = top + (group - kGroupGap) / 2.0 + 4.0;
    append_row_name(out, kLeft - 8.0, middle, chart.categories[c]);
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
      const double value = chart.series[s].values[c];
      if (!std::isfinite(value)) continue;
      const double y = top + kBarHeight * static_cast<double>(s);
      const double length = std::clamp(value, 0.0, 1.0) * kPlot;
      append(out,
             "<rect class=\"fill-{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
             "height=\"{:.1f}\"><title>{}</title></rect>",
             chart.series[s].style, kLeft, y, length, kBarHeight - 2.0,
             escape_html(chart.series[s].name + ", " + chart.categories[c]));
      append(out, "<text class=\"value\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", kLeft + length + 4.0,
             y + kBarHeight - 3.0, format_label(chart.value_format, value));
    }
  }
  return out + "</svg>\n";
}

std::string vertical_bars(const BarChart& chart, const std::string& axis) {
  constexpr double kHeight = 300.0;
  constexpr double kLeft = 50.0;
  constexpr double kBottom = 44.0;
  constexpr double kTop = 10.0;
  constexpr double kPlotHeight = kHeight - kBottom - kTop;
  const double largest = std::max(largest_value(chart.series), 1e-9);
  const double step = tick_step(largest);
  const double scale = kPlotHeight / (step * std::ceil(largest / step));
  const double group = (kWidth - kLeft - 10.0) / static_cast<double>(chart.categories.size());
  const double bar = std::min(26.0, group * 0.8 / static_cast<double>(chart.series.size()));

  std::string out;
  open_chart(out, kWidth, kHeight, chart.title, "wide");
  for (int t = 0; t * step <= step * std::ceil(largest / step) * (1.0 + 1e-9); ++t) {
    const double y = kHeight - kBottom - t * step * scale;
    append(out, "<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
           kLeft, kWidth - 10.0, y, y);
    append(out, "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}%</text>",
           kLeft - 6.0, y + 4.0, 100.0 * t * step);
  }
  for (std::size_t c = 0; c < chart.categories.size(); ++c) {
    const double centre = kLeft + group * (static_cast<double>(c) + 0.5);
    append(out, "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>",
           centre, kHeight - kBottom + 16.0, escape_html(chart.categories[c]));
    double x = centre - bar * static_cast<double>(chart.series.size()) / 2.0;
    for (const Series& series : chart.series) {
      const double value = series.values[c];
      if (std::isfinite(value) && value > 0.0) {
        append(out,
               "<rect class=\"fill-{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
               "height=\"{:.1f}\"><title>{}</title></rect>",
               series.style, x, kHeight - kBottom - value * scale, bar - 1.0, value * scale,
               escape_html(series.name + ", " + chart.categories[c] + ": " +
                           format_label(chart.value_format, value)));
      }
      x += bar;
    }
  }
  append(out, "<text class=\"axis\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>",
         (kWidth + kLeft) / 2.0, kHeight - 6.0, escape_html(axis));
  return out + "</svg>\n";
}

std::string dot_plot(const BarChart& chart) {
  constexpr double kLeft = 210.0;
  constexpr double kPlot = kWidth - kLeft - 20.0;
  constexpr double kLane = 11.0;
  const double group = kLane * static_cast<double>(chart.series.size()) + 8.0;
  const double height = group * static_cast<double>(chart.categories.size()) + 24.0;
  const auto x_of = [](double value) { return kLeft + std::clamp(value, 0.0, 1.0) * kPlot; };

  std::string out;
  open_chart(out, kWidth, height, chart.title, "wide");
  append_unit_axis(out, kLeft, kPlot, height);
  for (std::size_t c = 0; c < chart.categories.size(); ++c) {
    const double top = group * static_cast<double>(c);
    if (c % 2 == 1) {
      append(out, "<rect class=\"band\" x=\"0\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
             top, kWidth, group);
    }
    append_row_name(out, kLeft - 8.0, top + group / 2.0 + 4.0, chart.categories[c]);
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
      const Series& series = chart.series[s];
      const double y = top + 4.0 + kLane * (static_cast<double>(s) + 0.5);
      if (!std::isfinite(series.values[c])) continue;
      append(out, "<g><title>{}, {}: {}</title>", escape_html(series.name),
             escape_html(chart.categories[c]), format_label(chart.value_format, series.values[c]));
      const Interval interval = series.intervals.empty()
                                    ? Interval{series.values[c], series.values[c]}
                                    : series.intervals[c];
      if (std::isfinite(interval.lower) && std::isfinite(interval.upper)) {
        append(out,
               "<path class=\"whisker-{0}\" d=\"M{1:.1f} {3:.1f}H{2:.1f}M{1:.1f} {4:.1f}v6M{2:.1f} "
               "{4:.1f}v6\"/>",
               series.style, x_of(interval.lower), x_of(interval.upper), y, y - 3.0);
      }
      append_marker(out, series.style, x_of(series.values[c]), y);
      out += "</g>";
    }
  }
  return out + "</svg>\n";
}

std::string unit_square(const LineChart& chart) {
  constexpr double kSide = 340.0;
  constexpr double kLeft = 60.0;
  constexpr double kTop = 10.0;
  constexpr double kTotalWidth = kLeft + kSide + 20.0;
  constexpr double kTotalHeight = kTop + kSide + 46.0;
  const auto x_of = [](double value) { return kLeft + std::clamp(value, 0.0, 1.0) * kSide; };
  const auto y_of = [](double value) { return kTop + (1.0 - std::clamp(value, 0.0, 1.0)) * kSide; };

  std::string out;
  open_chart(out, kTotalWidth, kTotalHeight, chart.title, "square");
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    append(out,
           "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>",
           x_of(tick), y_of(0.0), y_of(1.0));
    append(out,
           "<line class=\"grid\" x1=\"{1:.1f}\" x2=\"{2:.1f}\" y1=\"{0:.1f}\" y2=\"{0:.1f}\"/>",
           y_of(tick), x_of(0.0), x_of(1.0));
    append(out, "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>",
           x_of(tick), y_of(0.0) + 16.0, tick);
    append(out, "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
           x_of(0.0) - 6.0, y_of(tick) + 4.0, tick);
  }
  if (chart.diagonal) {
    append(out,
           "<line class=\"diagonal\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>",
           x_of(0.0), y_of(0.0), x_of(1.0), y_of(1.0));
  }
  for (const Line& line : chart.lines) {
    if (line.markers != Markers::only) {
      append(out, "<polyline class=\"line-{}\" points=\"", line.style);
      for (const auto& [x, y] : line.points) append(out, "{:.1f},{:.1f} ", x_of(x), y_of(y));
      append(out, "\"><title>{}</title></polyline>", escape_html(line.name));
    }
    if (line.markers == Markers::sparse) {
      for (const auto& [x, y] : sparse_points(line.points, line.style)) {
        append_marker(out, line.style, x_of(x), y_of(y));
      }
      continue;
    }
    for (std::size_t k = 0; k < line.points.size(); ++k) {
      const auto [x, y] = line.points[k];
      if (!line.notes.empty()) append(out, "<g><title>{}</title>", escape_html(line.notes[k]));
      append_marker(out, line.style, x_of(x), y_of(y), line.sizes.empty() ? 1.0 : line.sizes[k]);
      if (!line.notes.empty()) out += "</g>";
    }
  }
  append(out, "<text class=\"axis\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>",
         kLeft + kSide / 2.0, kTotalHeight - 8.0, escape_html(chart.x_axis));
  append(out,
         "<text class=\"axis\" transform=\"translate(16 {:.1f}) rotate(-90)\" "
         "text-anchor=\"middle\">{}</text>",
         kTop + kSide / 2.0, escape_html(chart.y_axis));
  return out + "</svg>\n";
}

std::string legend(const std::vector<std::pair<std::string, int>>& entries, Drawing drawing) {
  std::string out = "<ul class=\"legend\">";
  for (const auto& [name, style] : entries) {
    out += "<li><svg width=\"34\" height=\"14\" aria-hidden=\"true\">";
    if (drawing == Drawing::bar) {
      append(out, "<rect class=\"fill-{}\" x=\"2\" y=\"1\" width=\"30\" height=\"12\"/>", style);
    } else {
      if (drawing != Drawing::marker) {
        append(out, "<polyline class=\"{}-{}\" points=\"1,7 33,7\"/>",
               drawing == Drawing::line ? "line" : "whisker", style);
      }
      append_marker(out, style, 17.0, 7.0);
    }
    append(out, "</svg> {}</li>", escape_html(name));
  }
  return out + "</ul>\n";
}

std::string pattern_definitions() {
  return R"svg(<svg class="defs" width="0" height="0" aria-hidden="true"><defs>
<pattern id="pattern-1" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="soft-1" width="6" height="6"/><rect class="hard-1" width="2.5" height="6"/></pattern>
<pattern id="pattern-2" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="soft-2" width="5" height="5"/><circle class="hard-2" cx="2.5" cy="2.5" r="1.3"/></pattern>
<pattern id="pattern-3" width="6" height="4" patternUnits="userSpaceOnUse"><rect class="soft-3" width="6" height="4"/><rect class="hard-3" width="6" height="1.6"/></pattern>
<pattern id="pattern-4" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="soft-4" width="5" height="5"/><path class="hard-4" d="M0 0h5v1.2h-5zM0 0v5h1.2v-5z"/></pattern>
</defs></svg>
)svg";
}

}  // namespace labelbeam::eval::svg
