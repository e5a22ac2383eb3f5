#include <labelbeam/eval/report_writers.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "graph_sections.h"
#include "report_statistics.h"
#include "report_view.h"

namespace labelbeam::eval {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json optional_number(const std::optional<double>& value) {
  return value ? number(*value) : Json(nullptr);
}

template <typename Items, typename Convert>
Json array_of(const Items& items, Convert convert) {
  Json array = Json::array();
  for (const auto& item : items) array.push_back(convert(item));
  return array;
}

/// In the order of the table's columns.
Json metrics_json(const MetricMap& metrics, const std::vector<std::string>& columns) {
  Json object = Json::object();
  for (const std::string& name : columns) {
    const auto found = metrics.find(name);
    if (found != metrics.end()) object[name] = number(found->second);
  }
  return object;
}

Json data_json(const DataSummary& data) {
  return {{"name", data.name},
          {"source", data.source},
          {"synthetic", data.synthetic},
          {"num_labels", data.num_labels},
          {"splits", array_of(data.splits, [](const SplitSummary& split) {
             return Json{{"name", split.name},
                         {"rows", split.rows},
                         {"cardinality", number(split.cardinality)}};
           })}};
}

Json result_json(const ResultRow& row, const std::vector<std::string>& columns) {
  return {{"system", row.system},
          {"decision", row.decision},
          {"kind", to_string(row.kind)},
          {"target", row.target},
          {"tuned_on", to_string(row.tuned_on)},
          {"metrics", metrics_json(row.metrics, columns)},
          {"metrics_valid", metrics_json(row.metrics_valid, columns)},
          {"seeds", array_of(row.seeds,
                             [&](const SeedResult& seed) {
                               return Json{
                                   {"seed", seed.seed},
                                   {"metrics", metrics_json(seed.metrics, columns)},
                                   {"metrics_valid", metrics_json(seed.metrics_valid, columns)}};
                             })},
          {"undefined", Json(row.undefined)},
          {"convention", row.convention}};
}

Json headline_json(const Headline& item, const ComparisonReport& report) {
  return {{"metric", item.metric},
          {"representatives",
           array_of(item.representatives,
                    [&](const Representative& best) {
                      const ResultRow& row = report.results[best.row];
                      return Json{{"system", best.system},       {"decision", row.decision},
                                  {"target", row.target},        {"row", best.row},
                                  {"valid", number(best.valid)}, {"test", number(best.test)}};
                    })},
          {"winner", item.winner ? Json(winner_name(item)) : Json(nullptr)},
          {"lead", number(item.lead)}};
}

Json by_system_json(const std::map<std::string, double>& values) {
  Json object = Json::object();
  for (const auto& [system, value] : values) object[system] = number(value);
  return object;
}

Json label_chart_json(const std::optional<LabelChart>& chart) {
  if (!chart) return nullptr;
  return {{"systems", chart->systems}, {"bars", array_of(chart->bars, [](const LabelBar& bar) {
                                          return Json{{"label", bar.label},
                                                      {"frequency", bar.frequency},
                                                      {"f1", array_of(bar.f1, number)}};
                                        })}};
}

Json bins_json(const std::vector<ReliabilityBin>& bins) {
  return array_of(bins, [](const ReliabilityBin& bin) {
    return Json{{"confidence", number(bin.confidence)},
                {"frequency", number(bin.frequency)},
                {"count", bin.count}};
  });
}

Json reliability_json(const ReliabilityCurve& curve) {
  return {{"system", curve.system}, {"bins", bins_json(curve.bins)}};
}

Json set_calibration_json(const SetCalibration& calibration) {
  Json maps = Json::object();
  for (const auto& [name, value] : calibration.label_errors_after) maps[name] = number(value);
  const auto regions_json = [](const ReportedRegions& regions) {
    return Json{{"score", regions.score},
                {"coverage", number(regions.coverage)},
                {"covered", number(regions.covered)},
                {"mean_sets", number(regions.mean_sets)},
                {"other_share", number(regions.other_share)},
                {"everything", regions.everything}};
  };
  return {{"system", calibration.system},
          {"label_error", number(calibration.label_error)},
          {"label_errors_after", maps},
          {"top_set_error", number(calibration.top_set_error)},
          {"top_set_bins", bins_json(calibration.top_set_bins)},
          {"listed_set_error", number(calibration.listed_set_error)},
          {"listed_set_bins", bins_json(calibration.listed_set_bins)},
          {"other_probability", number(calibration.other_probability)},
          {"other_frequency", number(calibration.other_frequency)},
          {"temperature", number(calibration.temperature)},
          {"nll_before", number(calibration.nll_before)},
          {"nll_after", number(calibration.nll_after)},
          {"impossible", calibration.impossible},
          {"regions", array_of(calibration.regions, regions_json)}};
}

Json precision_recall_json(const PrecisionRecallCurve& curve) {
  return {{"system", curve.system},
          {"points", array_of(curve.points, [](const PrecisionRecallPoint& point) {
             return Json{{"recall", number(point.recall)}, {"precision", number(point.precision)}};
           })}};
}

Json roc_json(const RocCurve& curve) {
  return {{"system", curve.system},
          {"average", to_string(curve.average)},
          {"area", number(curve.area)},
          {"points", array_of(curve.points, [](const RocPoint& point) {
             return Json{{"false_positive_rate", number(point.false_positive_rate)},
                         {"true_positive_rate", number(point.true_positive_rate)}};
           })}};
}

Json example_json(const ExampleRow& example) {
  return {{"id", example.id},
          {"text", example.text ? Json(*example.text) : Json(nullptr)},
          {"truth", example.truth},
          {"answers", array_of(example.answers, [](const SystemAnswer& answer) {
             return Json{
                 {"system", answer.system},
                 {"decision", answer.decision},
                 {"labels", answer.labels},
                 {"top_sets", array_of(answer.top_sets, [](const TopSet& set) {
                    return Json{{"labels", set.labels}, {"probability", number(set.probability)}};
                  })}};
           })}};
}

Json interval_json(const Interval& interval) {
  return {{"lower", number(interval.lower)}, {"upper", number(interval.upper)}};
}

Json test_json(const std::optional<PairedTest>& test) {
  if (!test) return nullptr;
  return {{"system", test->system},
          {"opponent", test->opponent},
          {"difference", number(test->difference)},
          {"interval", interval_json(test->interval)},
          {"p_bootstrap", number(test->p_bootstrap)},
          {"p_permutation", number(test->p_permutation)},
          {"p_adjusted", number(test->p_adjusted)},
          {"p_mcnemar", optional_number(test->p_mcnemar)},
          {"verdict", is_better(*test) ? "better" : "not distinguishable"}};
}

Json statistics_json(const MetricStatistics& item) {
  Json intervals = Json::object();
  for (const auto& [system, interval] : item.intervals) intervals[system] = interval_json(interval);
  return {{"metric", item.metric},
          {"intervals", intervals},
          {"seed_sd", by_system_json(item.seed_sd)},
          {"test", test_json(item.test)}};
}

Json set_nll_gain_json(const SetNllGain& gain) {
  const auto part_json = [](const NllGainPart& part) {
    return Json{{"rows", part.rows},
                {"gain", number(part.gain)},
                {"interval", part.interval ? interval_json(*part.interval) : Json(nullptr)}};
  };
  return {{"system", gain.system},
          {"opponent", gain.opponent},
          {"all", part_json(gain.all)},
          {"seen", part_json(gain.seen)},
          {"unseen", part_json(gain.unseen)},
          {"p_permutation", optional_number(gain.p_permutation)},
          {"p_adjusted", optional_number(gain.p_adjusted)}};
}

Json strategy_json(const StrategyOutcome& outcome) {
  return {{"system", outcome.system},
          {"strategy", outcome.strategy},
          {"metric", outcome.metric},
          {"protocols", array_of(outcome.protocols,
                                 [&](const ProtocolScore& score) {
                                   return Json{{"tuned_on", score.tuned_on},
                                               {"tuned", number(score.tuned)},
                                               {"test", number(score.test)},
                                               {"optimism", number(optimism(outcome, score))}};
                                 })},
          {"thresholds", array_of(outcome.thresholds, number)},
          {"deviations", array_of(outcome.deviations, number)},
          {"seconds", number(outcome.seconds)}};
}

Json gain_json(const IndependenceGain& gain) {
  return {{"rows", gain.rows},
          {"joint", number(gain.joint)},
          {"product", number(gain.product)},
          {"baseline", optional_number(gain.baseline)}};
}

Json dependence_json(const DependenceSummary& summary) {
  return {{"system", summary.system},
          {"baseline", summary.baseline},
          {"pair_information", number(summary.pair_information)},
          {"found_mass", number(summary.found_mass)},
          {"clipped", summary.clipped},
          {"set_nll",
           {{"all", gain_json(summary.all)},
            {"seen", gain_json(summary.seen)},
            {"unseen", gain_json(summary.unseen)}}},
          {"pairs", array_of(summary.pairs, [](const LabelPairDependence& pair) {
             return Json{{"labels", pair.labels},
                         {"mutual_information", number(pair.mutual_information)},
                         {"covariance", number(pair.covariance)}};
           })}};
}

Json graph_json(const GraphComparison& item) {
  return {{"system", item.system},
          {"counted", to_string(item.counted)},
          {"found_mass", item.found_mass ? number(*item.found_mass) : Json(nullptr)},
          {"rows", item.rows},
          {"truth_pairs", item.truth_pairs},
          {"system_pairs", item.system_pairs},
          {"kept", count_pairs(item, PairFate::kept)},
          {"missed", count_pairs(item, PairFate::missed)},
          {"invented", count_pairs(item, PairFate::invented)},
          {"phi_correlation", number(item.phi_correlation)},
          {"phi_difference", number(item.phi_difference)},
          {"npmi_difference", number(item.npmi_difference)},
          {"pairs", array_of(item.pairs, [&](const ComparedPair& pair) {
             return Json{{"labels", {item.labels[pair.first], item.labels[pair.second]}},
                         {"fate", to_string(pair.fate)},
                         {"truth_phi", number(pair.truth_phi)},
                         {"system_phi", number(pair.system_phi)},
                         {"truth_npmi", number(pair.truth_npmi)},
                         {"system_npmi", number(pair.system_npmi)}};
           })}};
}

}  // namespace

std::string to_json(const std::vector<GraphComparison>& graphs) {
  const Json document = {{"command", "graph"}, {"graphs", array_of(graphs, graph_json)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_json(const ComparisonReport& report) {
  const ReportView view = view_report(report);
  const Json document = {
      {"format", "labelbeam.report"},
      {"version", 1},
      {"data", data_json(report.data)},
      {"systems",
       array_of(report.systems,
                [](const SystemSummary& system) {
                  return Json{{"name", system.name}, {"description", system.description}};
                })},
      {"headline",
       array_of(view.headlines, [&](const Headline& item) { return headline_json(item, report); })},
      {"results", array_of(report.results,
                           [&](const ResultRow& row) { return result_json(row, view.columns); })},
      {"set_nll", by_system_json(report.set_nll)},
      {"set_nll_valid", by_system_json(report.set_nll_valid)},
      {"set_nll_gains", array_of(report.set_nll_gains, set_nll_gain_json)},
      {"statistics", array_of(report.statistics, statistics_json)},
      {"dependence", array_of(report.dependence, dependence_json)},
      {"graphs", array_of(report.graphs, graph_json)},
      {"protocol", report.protocol},
      {"warnings", report.warnings},
      {"label_chart", label_chart_json(report.label_chart)},
      {"reliability", array_of(report.reliability, reliability_json)},
      {"set_calibration", array_of(report.set_calibration, set_calibration_json)},
      {"strategies", array_of(report.strategies, strategy_json)},
      {"precision_recall", array_of(report.precision_recall, precision_recall_json)},
      {"roc", array_of(report.roc, roc_json)},
      {"set_sizes", array_of(report.set_sizes,
                             [](const SetSizeHistogram& sizes) {
                               return Json{{"name", sizes.name}, {"counts", sizes.counts}};
                             })},
      {"examples", array_of(report.examples, example_json)},
      {"manifest", Json::parse(report.manifest_json)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace labelbeam::eval
