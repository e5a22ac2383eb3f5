#include <fmt/format.h>
#include <labelbeam/pipeline/split_report.h>

#include <nlohmann/json.hpp>

#include "text_table.h"

namespace labelbeam::pipeline {
namespace {

std::string deviation_text(const SplitReport& report, const PartQuality& part) {
  if (!part.largest_deviation) return "-";
  const LabelDeviation& largest = *part.largest_deviation;
  return fmt::format("{:.1f} % ({}: {} for {:.1f})", 100.0 * largest.relative,
                     report.labels.name(largest.label), grouped(largest.rows), largest.wanted);
}

nlohmann::ordered_json part_json(const SplitReport& report, std::size_t index) {
  const PartQuality& part = report.quality.parts[index];
  nlohmann::ordered_json json;
  json["name"] = report.parts[index];
  json["rows"] = part.rows;
  json["labelled_rows"] = part.labelled_rows;
  json["wanted_rows"] = part.wanted_rows;
  json["label_distance"] = part.label_distance;  // null for NaN
  json["pair_distance"] = part.pair_distance;
  json["undefined_labels"] = part.undefined_labels;
  json["undefined_pairs"] = part.undefined_pairs;
  json["absent_labels"] = part.absent_labels;
  json["absent_pairs"] = part.absent_pairs;
  json["unseen_sets"] = part.unseen_sets;
  json["unseen_rows"] = part.unseen_rows;
  json["largest_deviation"] = nullptr;
  if (const auto& largest = part.largest_deviation) {
    json["largest_deviation"] = {{"label", report.labels.name(largest->label)},
                                 {"rows", largest->rows},
                                 {"wanted", largest->wanted},
                                 {"relative", largest->relative}};
  }
  return json;
}

}  // namespace

std::string to_text(const SplitReport& report) {
  const SplitQuality& quality = report.quality;
  TextTable table({"", "rows", "wanted", "LD", "LPD", "labels absent", "pairs absent",
                   "unseen sets", "their rows", "largest deviation"});
  std::uint64_t rows = 0;
  for (std::size_t p = 0; p < quality.parts.size(); ++p) {
    const PartQuality& part = quality.parts[p];
    rows += part.rows;
    table.add({report.parts[p], grouped(part.rows), fmt::format("{:.1f}", part.wanted_rows),
               decimal(part.label_distance), decimal(part.pair_distance),
               grouped(part.absent_labels), grouped(part.absent_pairs), grouped(part.unseen_sets),
               grouped(part.unseen_rows), deviation_text(report, part)});
  }
  return fmt::format(
      "{} rows with {} labels in {} pairs, split by the method {} with seed {} to {}\n\n{}\n"
      "label distribution distance (LD) {}, of pairs (LPD) {}, examples distribution distance (ED) "
      "{}\n",
      grouped(rows), grouped(quality.labels), grouped(quality.pairs), report.method, report.seed,
      report.out, table.text(), decimal(quality.label_distance), decimal(quality.pair_distance),
      decimal(quality.example_distance));
}

std::string to_json(const SplitReport& report) {
  using nlohmann::ordered_json;
  ordered_json json;
  json["command"] = "split";
  json["in"] = report.in;
  json["out"] = report.out;
  json["method"] = report.method;
  json["seed"] = report.seed;
  json["labels"] = report.labels.size();
  json["labels_used"] = report.quality.labels;
  json["pairs_used"] = report.quality.pairs;
  json["label_distance"] = report.quality.label_distance;
  json["pair_distance"] = report.quality.pair_distance;
  json["example_distance"] = report.quality.example_distance;
  auto& parts = json["parts"] = ordered_json::array();
  for (std::size_t p = 0; p < report.parts.size(); ++p) parts.push_back(part_json(report, p));
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace labelbeam::pipeline
