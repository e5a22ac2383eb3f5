#include <fmt/format.h>
#include <labelbeam/eval/metrics.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "html_parts.h"
#include "report_sections.h"
#include "safe_text.h"
#include "svg.h"

namespace labelbeam::eval::html {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMaxSetSize = 20;  // larger sets share the last column of the histogram
constexpr std::size_t kShownBars = 40;   // labels that are shown before "more"
constexpr std::size_t kMaxBars = 1000;   // labels that are drawn at all

/// A system's place decides its look in every chart; what is no system (the truth) has the last.
int style_of(const ComparisonReport& report, const std::string& name) {
  for (std::size_t s = 0; s < report.systems.size(); ++s) {
    if (report.systems[s].name != name) continue;
    return static_cast<int>(s) % (svg::kNumStyles - 1);
  }
  return svg::kNumStyles - 1;
}

std::string series_legend(const std::vector<svg::Series>& series, svg::Drawing drawing) {
  std::vector<std::pair<std::string, int>> entries;
  for (const svg::Series& item : series) entries.emplace_back(item.name, item.style);
  return svg::legend(entries, drawing);
}

Interval interval_of(const ComparisonReport& report, const std::string& metric,
                     const std::string& system) {
  if (const MetricStatistics* const item = find_statistics(report, metric)) {
    const auto found = item->intervals.find(system);
    if (found != item->intervals.end()) return found->second;
  }
  return {kMissing, kMissing};
}

std::string square_figure(const svg::LineChart& chart, const std::string& caption) {
  std::vector<std::pair<std::string, int>> entries;
  for (const svg::Line& line : chart.lines) entries.emplace_back(line.name, line.style);
  const bool is_scatter = chart.lines.front().markers == svg::Markers::only;
  return figure(svg::unit_square(chart), caption,
                svg::legend(entries, is_scatter ? svg::Drawing::marker : svg::Drawing::line));
}

std::string squares(const std::string& figures) {
  return figures.empty() ? "" : "<div class=\"squares\">\n" + figures + "</div>\n";
}

void add_point(svg::Line& line, double x, double y) {
  if (std::isfinite(x) && std::isfinite(y)) line.points.emplace_back(x, y);
}

std::string roc_figure(const ComparisonReport& report, RocAverage average,
                       const std::string& caption) {
  svg::LineChart chart;
  chart.title = "ROC curves, " + to_string(average) + "-averaged";
  chart.x_axis = "false positive rate";
  chart.y_axis = "true positive rate";
  chart.diagonal = true;
  for (const RocCurve& curve : report.roc) {
    if (curve.average != average) continue;
    svg::Line line{fmt::format("{}, area {}", curve.system, format_value(curve.area)),
                   style_of(report, curve.system),
                   {},
                   svg::Markers::sparse};
    for (const RocPoint& point : curve.points) {
      add_point(line, point.false_positive_rate, point.true_positive_rate);
    }
    chart.lines.push_back(std::move(line));
  }
  return chart.lines.empty() ? "" : square_figure(chart, caption);
}

std::string precision_recall_figure(const ComparisonReport& report) {
  if (report.precision_recall.empty()) return "";
  svg::LineChart chart;
  chart.title = "Precision against recall over all labels";
  chart.x_axis = "recall";
  chart.y_axis = "precision";
  for (const PrecisionRecallCurve& curve : report.precision_recall) {
    svg::Line line{curve.system, style_of(report, curve.system), {}, svg::Markers::sparse};
    for (const PrecisionRecallPoint& point : curve.points) {
      add_point(line, point.recall, point.precision);
    }
    chart.lines.push_back(std::move(line));
  }
  return square_figure(chart,
                       "Precision and recall, all labels pooled: every threshold on the label "
                       "probabilities is a point. Higher is better.");
}

/// A point a bin; the more cases a bin has, the larger.
svg::Line reliability_line(const ComparisonReport& report, const std::string& system,
                           const std::vector<ReliabilityBin>& bins) {
  svg::Line line{system, style_of(report, system), {}, svg::Markers::all};
  std::uint64_t most = 1;
  for (const ReliabilityBin& bin : bins) most = std::max(most, bin.count);
  for (const ReliabilityBin& bin : bins) {
    if (!std::isfinite(bin.confidence) || !std::isfinite(bin.frequency)) continue;
    line.points.emplace_back(bin.confidence, bin.frequency);
    line.notes.push_back(fmt::format("{}: {:.3f} said, {:.3f} true, {} cases", system,
                                     bin.confidence, bin.frequency, bin.count));
    line.sizes.push_back(
        0.7 + 0.8 * std::sqrt(static_cast<double>(bin.count) / static_cast<double>(most)));
  }
  return line;
}

svg::LineChart reliability_chart(const std::string& title) {
  svg::LineChart chart;
  chart.title = title;
  chart.x_axis = "predicted probability (mean of the bin)";
  chart.y_axis = "share that is true";
  chart.diagonal = true;
  return chart;
}

std::string reliability_figure(const ComparisonReport& report) {
  if (report.reliability.empty()) return "";
  svg::LineChart chart = reliability_chart("Reliability of label probabilities");
  for (const ReliabilityCurve& curve : report.reliability) {
    chart.lines.push_back(reliability_line(report, curve.system, curve.bins));
  }
  return square_figure(chart,
                       "Reliability of label probabilities in ten bins: on the dotted line a label "
                       "given 0.7 is true in 70 of 100 cases. Below it the system is too sure. The "
                       "more cases, the larger the mark.");
}

std::string label_bars(const ComparisonReport& report, const LabelChart& labels,
                       const std::vector<LabelBar>& bars, std::size_t begin, std::size_t end) {
  svg::BarChart chart;
  chart.title = "F1 of each label on test, by falling frequency";
  chart.value_format = "{:.2f}";
  for (std::size_t s = 0; s < labels.systems.size(); ++s) {
    chart.series.push_back({labels.systems[s], style_of(report, labels.systems[s]), {}, {}});
  }
  for (std::size_t b = begin; b < end; ++b) {
    chart.categories.push_back(
        fmt::format("{} ({})", shorten(bars[b].label, 22), bars[b].frequency));
    for (std::size_t s = 0; s < labels.systems.size(); ++s) {
      chart.series[s].values.push_back(bars[b].f1[s]);
    }
  }
  return (begin == 0 ? series_legend(chart.series, svg::Drawing::bar) : "") +
         scroller(chart.title, svg::horizontal_bars(chart));
}

}  // namespace

std::string headline_figure(const ComparisonReport& report, const ReportView& view) {
  if (view.headlines.empty()) return "";
  svg::BarChart chart;
  chart.title = "Test value of each system's representative, by metric";
  for (const Headline& item : view.headlines) chart.categories.push_back(item.metric);
  for (const SystemSummary& system : report.systems) {
    svg::Series series{system.name, style_of(report, system.name), {}, {}};
    for (const Headline& item : view.headlines) {
      const Representative* best = find_representative(item, system.name);
      series.values.push_back(best ? best->test : kMissing);
      series.intervals.push_back(interval_of(report, item.metric, system.name));
    }
    chart.series.push_back(std::move(series));
  }
  return figure(scroller(chart.title, svg::dot_plot(chart)),
                report.statistics.empty()
                    ? "The headline's values."
                    : "The headline's values with their 95 % intervals. Intervals that overlap "
                      "may still differ: the tests of the table are paired, row by row.",
                series_legend(chart.series, svg::Drawing::mark));
}

std::string curve_figures(const ComparisonReport& report) {
  const std::string figures =
      roc_figure(report, RocAverage::micro,
                 "ROC, micro-averaged: all labels pooled, frequent labels count most. The dotted "
                 "line is chance.") +
      roc_figure(report, RocAverage::macro,
                 "ROC, macro-averaged: the mean of the labels' curves, every label counts the "
                 "same.") +
      precision_recall_figure(report) + reliability_figure(report);
  return squares(figures);
}

std::string set_reliability_figure(const ComparisonReport& report) {
  svg::LineChart chart = reliability_chart("Reliability of the most probable set");
  for (const SetCalibration& item : report.set_calibration) {
    if (item.top_set_bins.empty()) continue;
    chart.lines.push_back(reliability_line(report, item.system, item.top_set_bins));
  }
  if (chart.lines.empty()) return "";
  return squares(square_figure(
      chart,
      "The most probable set of each test document in ten bins of its probability: on the dotted "
      "line it is the truth as often as it says. The more documents, the larger the mark."));
}

std::string strategy_figure(const ComparisonReport& report) {
  // Their marks are of no system that a report is likely to have.
  svg::Line valid{"tuned on valid", svg::kNumStyles - 2, {}, svg::Markers::only};
  svg::Line fitted{"tuned on train and valid", svg::kNumStyles - 3, {}, svg::Markers::only};
  for (const StrategyOutcome& outcome : report.strategies) {
    if (!higher_is_better(parse_metric(outcome.metric))) continue;
    for (const ProtocolScore& score : outcome.protocols) {
      svg::Line* const line = score.tuned_on == "valid"             ? &valid
                              : score.tuned_on == "train and valid" ? &fitted
                                                                    : nullptr;
      if (!line || !std::isfinite(score.tuned) || !std::isfinite(score.test)) continue;
      line->points.emplace_back(score.tuned, score.test);
      line->notes.push_back(fmt::format("{}, {}: {:.4f}, on test {:.4f}", outcome.strategy,
                                        outcome.metric, score.tuned, score.test));
    }
  }
  if (valid.points.empty() && fitted.points.empty()) return "";
  svg::LineChart chart;
  chart.title = "What tuning promised and what it kept";
  chart.x_axis = "on the rows that were tuned on";
  chart.y_axis = "on test";
  chart.diagonal = true;
  chart.lines = {std::move(valid), std::move(fitted)};
  return squares(square_figure(
      chart,
      "Each strategy by the metric of its row, losses left out. On the dotted line tuning kept "
      "what it promised; the further below, the more it promised too much."));
}

std::string set_size_figure(const ComparisonReport& report) {
  std::size_t sizes = 0;
  for (const SetSizeHistogram& item : report.set_sizes) sizes = std::max(sizes, item.counts.size());
  if (sizes == 0) return "";
  const std::size_t columns = std::min(sizes, kMaxSetSize + 1);
  svg::BarChart chart;
  chart.title = "Share of test documents by number of labels";
  chart.value_format = "{:.4f}";
  for (std::size_t k = 0; k < columns; ++k) chart.categories.push_back(std::to_string(k));
  if (sizes > columns) chart.categories.back() += "+";
  for (const SetSizeHistogram& item : report.set_sizes) {
    const auto total = static_cast<double>(
        std::accumulate(item.counts.begin(), item.counts.end(), std::uint64_t{0}));
    svg::Series series{
        item.name, style_of(report, item.name), std::vector<double>(columns, 0.0), {}};
    for (std::size_t k = 0; k < item.counts.size(); ++k) {
      series.values[std::min(k, columns - 1)] +=
          total > 0.0 ? static_cast<double>(item.counts[k]) / total : 0.0;
    }
    chart.series.push_back(std::move(series));
  }
  return figure(scroller(chart.title, svg::vertical_bars(chart, "labels a document")),
                "Share of test documents by the number of their labels: the truth, and the most "
                "probable set of each system.",
                series_legend(chart.series, svg::Drawing::bar));
}

std::string label_figure(const ComparisonReport& report) {
  if (!report.label_chart || report.label_chart->bars.empty()) return "";
  std::vector<LabelBar> bars = report.label_chart->bars;
  std::stable_sort(bars.begin(), bars.end(),
                   [](const LabelBar& a, const LabelBar& b) { return a.frequency > b.frequency; });
  const std::size_t drawn = std::min(bars.size(), kMaxBars);
  const std::size_t shown = std::min(drawn, kShownBars);
  std::string out =
      figure(label_bars(report, *report.label_chart, bars, 0, shown),
             "F1 of each label by the representative for f1_macro, frequent labels first; in "
             "brackets the number of training rows with the label.");
  if (drawn > shown) {
    out += details(fmt::format("{} rarer labels", drawn - shown),
                   label_bars(report, *report.label_chart, bars, shown, drawn));
  }
  if (bars.size() > drawn) {
    out += paragraph(fmt::format("The {} rarest labels are not drawn.", bars.size() - drawn),
                     Tone::quiet);
  }
  return out;
}

}  // namespace labelbeam::eval::html
