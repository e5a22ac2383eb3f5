#include "report_view.h"

#include <fmt/format.h>
#include <labelbeam/eval/metrics.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace labelbeam::eval {

const char* const kReadingHelp =
    "For each metric a system is represented by the decision that is best for it on valid; the "
    "winner is the system whose representative is best on test.";

const char* const kMarkLegend =
    "* the winner of the column; + the representative of another system (best of its system on "
    "valid).";

namespace {

void check_metrics(const MetricMap& metrics) {
  for (const auto& [name, value] : metrics) parse_metric(name);
}

void check_listed(const std::set<std::string>& systems, const std::string& system) {
  if (systems.contains(system)) return;
  throw std::invalid_argument(
      fmt::format("ComparisonReport: a result is of the system '{}', which is not listed", system));
}

void check_report(const ComparisonReport& report) {
  std::set<std::string> systems;
  for (const SystemSummary& system : report.systems) {
    if (!systems.insert(system.name).second) {
      throw std::invalid_argument(
          fmt::format("ComparisonReport: the system '{}' is listed twice", system.name));
    }
  }
  for (const ResultRow& row : report.results) {
    check_listed(systems, row.system);
    check_metrics(row.metrics);
    check_metrics(row.metrics_valid);
  }
  for (const MetricStatistics& item : report.statistics) parse_metric(item.metric);
  for (const SetNllGain& gain : report.set_nll_gains) {
    check_listed(systems, gain.system);
    check_listed(systems, gain.opponent);
  }
  for (const StrategyOutcome& outcome : report.strategies) {
    check_listed(systems, outcome.system);
    parse_metric(outcome.metric);
    if (outcome.protocols.empty()) {
      throw std::invalid_argument(
          fmt::format("ComparisonReport: the strategy '{}' has no protocol", outcome.strategy));
    }
  }
  const auto manifest = nlohmann::json::parse(report.manifest_json, nullptr, false);
  if (!manifest.is_object()) {
    throw std::invalid_argument("ComparisonReport: manifest_json is not a JSON object");
  }
}

std::string undefined_note(const ComparisonReport& report, const std::string& metric) {
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  bool same = true;
  for (const ResultRow& row : report.results) {
    const auto found = row.undefined.find(metric);
    const std::uint64_t count = found == row.undefined.end() ? 0 : found->second;
    same = same && (counts.empty() || counts.front().second == count);
    counts.emplace_back(row.system + " " + describe_decision(row), count);
  }
  if (counts.empty() || (same && counts.front().second == 0)) return "";
  if (same) return fmt::format("{}: {} in every row", metric, counts.front().second);
  std::string note;
  for (const auto& [name, count] : counts) {
    if (count > 0) note += fmt::format("{}{} {}", note.empty() ? "" : ", ", name, count);
  }
  return fmt::format("{}: {}", metric, note);
}

}  // namespace

CellMark ReportView::mark(std::size_t row, const std::string& metric) const {
  for (const Headline& item : headlines) {
    if (item.metric != metric) continue;
    for (std::size_t i = 0; i < item.representatives.size(); ++i) {
      if (item.representatives[i].row != row) continue;
      return item.winner == i ? CellMark::winner : CellMark::representative;
    }
  }
  return CellMark::none;
}

ReportView view_report(const ComparisonReport& report) {
  check_report(report);
  ReportView view;
  view.columns = metric_columns(report);
  for (const std::string& metric : view.columns) {
    Headline item = headline(report, metric);
    if (!item.representatives.empty()) view.headlines.push_back(std::move(item));
  }
  return view;
}

std::string format_value(double value) {
  return std::isfinite(value) ? fmt::format("{:.4f}", value) : "n/a";
}

std::string test_value(const ResultRow& row, const std::string& metric) {
  const auto found = row.metrics.find(metric);
  return found == row.metrics.end() ? "-" : format_value(found->second);
}

std::string describe_decision(const ResultRow& row) {
  if (row.target.empty() || row.target == row.decision) return row.decision;
  return row.decision + " for " + row.target;
}

std::string to_string(DecisionKind kind) {
  return kind == DecisionKind::rule ? "rule" : "threshold";
}

std::string to_string(TunedOn tuned_on) { return tuned_on == TunedOn::none ? "none" : "valid"; }

std::string to_string(RocAverage average) {
  return average == RocAverage::micro ? "micro" : "macro";
}

const Representative* find_representative(const Headline& headline, const std::string& system) {
  for (const Representative& item : headline.representatives) {
    if (item.system == system) return &item;
  }
  return nullptr;
}

bool is_winner(const Headline& headline, const std::string& system) {
  return headline.winner && headline.representatives[*headline.winner].system == system;
}

const MetricStatistics* find_statistics(const ComparisonReport& report, const std::string& metric) {
  for (const MetricStatistics& item : report.statistics) {
    if (item.metric == metric) return &item;
  }
  return nullptr;
}

const PairedTest* find_test(const ComparisonReport& report, const std::string& metric) {
  const MetricStatistics* const statistics = find_statistics(report, metric);
  return statistics && statistics->test ? &*statistics->test : nullptr;
}

std::string winner_name(const Headline& headline) {
  if (headline.winner) return headline.representatives[*headline.winner].system;
  return headline.representatives.size() < 2 ? "-" : "tie";
}

std::vector<std::string> undefined_notes(const ComparisonReport& report,
                                         const std::vector<std::string>& columns) {
  std::vector<std::string> notes;
  for (const std::string& metric : columns) {
    std::string note = undefined_note(report, metric);
    if (!note.empty()) notes.push_back(std::move(note));
  }
  return notes;
}

std::string describe_data(const DataSummary& data) {
  std::string text = fmt::format("{} labels", data.num_labels);
  for (const SplitSummary& split : data.splits) {
    text += fmt::format("; {} {} rows ({:.2f} labels a row)", split.rows, split.name,
                        split.cardinality);
  }
  if (!data.source.empty()) text += "; source: " + data.source;
  if (data.synthetic) text += " (synthetic)";
  return text + ".";
}

std::string describe_conventions(const ComparisonReport& report) {
  std::set<std::string> names;
  for (const ResultRow& row : report.results) {
    if (!row.convention.empty()) names.insert(row.convention);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace labelbeam::eval
