#include "probability_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report_view.h"

namespace labelbeam::eval {

const char* const kNllHelp =
    "The mean of -log p(true set), in nats a document, mean over seeds; lower is better. It needs "
    "no decision.";

const char* const kLabelCalibrationHelp =
    "Expected calibration error of label probabilities on test, as the system gives them and after "
    "maps that were fitted on valid; of the first seed.";

const char* const kSetCalibrationHelp =
    "Expected calibration error of the most probable set and of all listed sets on test; how "
    "probable it was said to be that the truth is not listed, and how often it is not. NLL: nats a "
    "document, all sets that are not listed being one, as given and at the temperature that was "
    "fitted on valid; impossible: rows whose truth has probability 0, left out of it.";

const char* const kRegionsHelp =
    "Conformal regions, calibrated on valid: the share of test rows whose region holds the truth, "
    "the mean number of listed sets in a region, and the share of regions that also hold every set "
    "that is not listed.";

const char* const kGainHelp =
    "Set NLL in nats a document: of the system, of the product of its own marginals, and of the "
    "baseline's independent labels; what is above the system's is what dependence gains. Seen: the "
    "true label set occurs in train.";

const char* const kPairHelp =
    "Mutual information in nats, mean over test rows of I(a; b | document) under the sets that "
    "were "
    "found; a negative covariance is of labels that avoid each other.";

namespace {

std::string find_value(const std::map<std::string, double>& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? "-" : format_value(found->second);
}

}  // namespace

PlainTable nll_table(const ComparisonReport& report) {
  PlainTable table{{"system", "test", "valid"}, 1, {}};
  if (report.set_nll.empty()) return table;
  for (const SystemSummary& system : report.systems) {
    table.rows.push_back({system.name, find_value(report.set_nll, system.name),
                          find_value(report.set_nll_valid, system.name)});
  }
  return table;
}

PlainTable label_calibration_table(const ComparisonReport& report) {
  std::set<std::string> maps;
  for (const SetCalibration& item : report.set_calibration) {
    for (const auto& [name, error] : item.label_errors_after) maps.insert(name);
  }
  PlainTable table{{"labels of", "as given"}, 1, {}};
  table.titles.insert(table.titles.end(), maps.begin(), maps.end());
  for (const SetCalibration& item : report.set_calibration) {
    std::vector<std::string> row = {item.system, format_value(item.label_error)};
    for (const std::string& map : maps) row.push_back(find_value(item.label_errors_after, map));
    table.rows.push_back(std::move(row));
  }
  return table;
}

PlainTable set_calibration_table(const ComparisonReport& report) {
  PlainTable table{
      {"sets of", "error: top set", "error: all listed", "not listed: said", "not listed: true",
       "temperature", "NLL: as given", "NLL: tempered", "impossible"},
      1,
      {}};
  for (const SetCalibration& item : report.set_calibration) {
    std::vector<std::string> row = {item.system};
    for (const double value :
         {item.top_set_error, item.listed_set_error, item.other_probability, item.other_frequency,
          item.temperature, item.nll_before, item.nll_after}) {
      row.push_back(format_value(value));
    }
    row.push_back(std::to_string(item.impossible));
    table.rows.push_back(std::move(row));
  }
  return table;
}

PlainTable regions_table(const ComparisonReport& report) {
  PlainTable table{{"regions of", "score", "asked for", "covered", "sets", "with others"}, 2, {}};
  for (const SetCalibration& item : report.set_calibration) {
    for (const ReportedRegions& regions : item.regions) {
      table.rows.push_back(
          {item.system, regions.score, fmt::format("{:g}", regions.coverage),
           format_value(regions.covered),
           regions.everything ? "everything" : fmt::format("{:.2f}", regions.mean_sets),
           format_value(regions.other_share)});
    }
  }
  return table;
}

PlainTable gain_table(const DependenceSummary& summary) {
  PlainTable table{{"true set", "rows", summary.system, "own marginals", "gain"}, 1, {}};
  if (!summary.baseline.empty()) {
    table.titles.insert(table.titles.end(), {summary.baseline, "gain over it"});
  }
  const auto add = [&](const char* name, const IndependenceGain& gain) {
    std::vector<std::string> row = {name, std::to_string(gain.rows), format_value(gain.joint),
                                    format_value(gain.product),
                                    format_value(gain.product - gain.joint)};
    if (!summary.baseline.empty()) {
      row.push_back(gain.baseline ? format_value(*gain.baseline) : "-");
      row.push_back(gain.baseline ? format_value(*gain.baseline - gain.joint) : "-");
    }
    table.rows.push_back(std::move(row));
  };
  add("all", summary.all);
  add("seen", summary.seen);
  add("unseen", summary.unseen);
  return table;
}

PlainTable pair_table(const DependenceSummary& summary) {
  PlainTable table{{"a", "b", "information", "covariance"}, 2, {}};
  for (const LabelPairDependence& pair : summary.pairs) {
    table.rows.push_back({pair.labels[0], pair.labels[1], format_value(pair.mutual_information),
                          format_value(pair.covariance)});
  }
  return table;
}

std::string describe_dependence(const DependenceSummary& summary) {
  std::string text = fmt::format(
      "{}: the mutual information of all pairs of labels adds up to {} nats a document, under the "
      "sets found, which hold {} of the probability.",
      summary.system, format_value(summary.pair_information), format_value(summary.found_mass));
  if (summary.clipped > 0) {
    text += fmt::format(" The product of marginals rests on a clipped marginal in {} rows.",
                        summary.clipped);
  }
  return text;
}

}  // namespace labelbeam::eval
