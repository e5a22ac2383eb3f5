#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/pipeline/inspect.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "text_table.h"

namespace labelbeam::pipeline {
namespace {

using Cell = std::function<std::string(const SplitStatistics&)>;

std::string percent(std::uint64_t part, std::size_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string count_and_percent(std::uint64_t part, std::size_t whole) {
  return fmt::format("{} ({})", grouped(part), percent(part, whole));
}

std::size_t labelled(const SplitStatistics& split) { return split.rows - split.unlabelled; }

/// One row of the table of splits: a name, and a cell a split.
void add_row(TextTable& table, const DataStatistics& statistics, const std::string& name,
             const Cell& cell) {
  std::vector<std::string> row{name};
  for (const SplitStatistics& split : statistics.splits) row.push_back(cell(split));
  table.add(std::move(row));
}

std::string split_table(const DataStatistics& statistics) {
  std::vector<std::string> header{""};
  for (const SplitStatistics& split : statistics.splits) header.push_back(split.name);
  TextTable table(header);
  const auto add = [&](const std::string& name, const Cell& cell) {
    add_row(table, statistics, name, cell);
  };
  add("rows", [](const auto& split) { return grouped(split.rows); });
  add("rows without label information",
      [](const auto& split) { return grouped(split.unlabelled); });
  add("labels used", [](const auto& split) { return grouped(split.labels_used); });
  add("labels a row, mean",
      [](const auto& split) { return fmt::format("{:.3f}", split.cardinality); });
  add("labels a row, most", [](const auto& split) { return grouped(split.largest_set); });
  add("density", [](const auto& split) { return decimal(split.density); });
  add("rows with no label",
      [](const auto& split) { return count_and_percent(split.empty_sets, labelled(split)); });
  add("distinct label sets", [](const auto& split) { return grouped(split.distinct_sets); });
  add("rows whose set train lacks", [](const auto& split) {
    return split.unseen_sets ? count_and_percent(*split.unseen_sets, labelled(split)) : "-";
  });
  add("labels that train lacks", [](const auto& split) {
    return split.unseen_sets ? grouped(split.unknown_labels.labels.size()) : "-";
  });
  const auto add_length = [&](const std::string& name, const auto& value) {
    add(name, [&value](const SplitStatistics& split) {
      return split.text ? value(*split.text) : std::string("-");
    });
  };
  add_length("texts", [](const TextLengths& text) { return grouped(text.texts); });
  add_length("empty texts", [](const TextLengths& text) { return grouped(text.empty); });
  add_length("tokens a text, mean",
             [](const TextLengths& text) { return fmt::format("{:.1f}", text.mean); });
  add_length("tokens a text, median", [](const TextLengths& text) { return grouped(text.median); });
  add_length("tokens a text, 95 % have at most",
             [](const TextLengths& text) { return grouped(text.percentile_95); });
  add_length("tokens a text, most", [](const TextLengths& text) { return grouped(text.longest); });
  const auto has_features = [](const SplitStatistics& split) { return split.features.has_value(); };
  if (std::none_of(statistics.splits.begin(), statistics.splits.end(), has_features)) {
    return table.text();
  }
  const auto add_feature = [&](const std::string& name, const auto& value) {
    add(name, [&value](const SplitStatistics& split) {
      return split.features ? value(*split.features) : std::string("-");
    });
  };
  add_feature("features", [](const FeatureStatistics& f) { return grouped(f.features); });
  add_feature("rows with dense features",
              [](const FeatureStatistics& f) { return grouped(f.dense_rows); });
  add_feature("rows with sparse features",
              [](const FeatureStatistics& f) { return grouped(f.sparse_rows); });
  add_feature("features other than 0 a row, mean",
              [](const FeatureStatistics& f) { return fmt::format("{:.1f}", f.mean_nonzero); });
  add_feature("features other than 0 a row, most",
              [](const FeatureStatistics& f) { return grouped(f.most_nonzero); });
  return table.text();
}

std::string pair_table(const std::string& title, const std::vector<LabelPair>& pairs) {
  if (pairs.empty()) return "";
  TextTable table({title, "rows", "expected", "lift", "NPMI"});
  for (const LabelPair& pair : pairs) {
    table.add({pair.first + ", " + pair.second, grouped(pair.rows),
               fmt::format("{:.1f}", pair.expected), fmt::format("{:.2f}", pair.lift),
               decimal(pair.npmi)});
  }
  return '\n' + table.text();
}

std::string frequency_tables(const DataStatistics& statistics) {
  const SplitStatistics& first = statistics.splits.front();
  const std::size_t rows = labelled(first);
  TextTable labels({"most frequent labels", "rows", "share"});
  for (const LabelFrequency& label : statistics.labels) {
    labels.add({label.label, grouped(label.rows), percent(label.rows, rows)});
  }
  TextTable sets({"most frequent sets", "rows", "share"});
  for (const SetFrequency& set : statistics.sets) {
    sets.add({set.labels.empty() ? "(no label)" : fmt::format("{}", fmt::join(set.labels, ", ")),
              grouped(set.rows), percent(set.rows, rows)});
  }
  std::string text = fmt::format("\nIn {}:\n\n{}\n{}", first.name, labels.text(), sets.text());
  return text + pair_table("labels that go together", statistics.together) +
         pair_table("labels that avoid each other", statistics.apart);
}

nlohmann::ordered_json split_json(const SplitStatistics& split) {
  nlohmann::ordered_json json;
  json["name"] = split.name;
  json["rows"] = split.rows;
  json["unlabelled"] = split.unlabelled;
  json["labels_used"] = split.labels_used;
  json["cardinality"] = split.cardinality;
  json["density"] = split.density;
  json["largest_set"] = split.largest_set;
  json["empty_sets"] = split.empty_sets;
  json["distinct_sets"] = split.distinct_sets;
  json["unseen_sets"] = nullptr;
  if (split.unseen_sets) json["unseen_sets"] = *split.unseen_sets;
  json["unknown_labels"] = {{"labels", split.unknown_labels.labels},
                            {"occurrences", split.unknown_labels.occurrences},
                            {"rows", split.unknown_labels.rows}};
  json["text"] = nullptr;
  if (split.text) {
    json["text"] = {{"texts", split.text->texts},
                    {"empty", split.text->empty},
                    {"mean", split.text->mean},
                    {"median", split.text->median},
                    {"percentile_95", split.text->percentile_95},
                    {"longest", split.text->longest}};
  }
  json["features"] = nullptr;
  if (split.features) {
    json["features"] = {{"features", split.features->features},
                        {"dense_rows", split.features->dense_rows},
                        {"sparse_rows", split.features->sparse_rows},
                        {"mean_nonzero", split.features->mean_nonzero},
                        {"most_nonzero", split.features->most_nonzero}};
  }
  return json;
}

nlohmann::ordered_json pairs_json(const std::vector<LabelPair>& pairs) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  for (const LabelPair& pair : pairs) {
    array.push_back({{"labels", {pair.first, pair.second}},
                     {"rows", pair.rows},
                     {"expected", pair.expected},
                     {"lift", pair.lift},
                     {"npmi", pair.npmi}});
  }
  return array;
}

}  // namespace

std::string to_text(const DataStatistics& statistics) {
  return fmt::format("{}: {} labels\n\n{}{}", statistics.path, grouped(statistics.num_labels),
                     split_table(statistics), frequency_tables(statistics));
}

std::string to_json(const DataStatistics& statistics) {
  using nlohmann::ordered_json;
  ordered_json json;
  json["command"] = "inspect";
  json["path"] = statistics.path;
  json["labels"] = statistics.num_labels;
  auto& splits = json["splits"] = ordered_json::array();
  for (const SplitStatistics& split : statistics.splits) splits.push_back(split_json(split));
  auto& labels = json["frequent_labels"] = ordered_json::array();
  for (const LabelFrequency& label : statistics.labels) {
    labels.push_back({{"label", label.label}, {"rows", label.rows}});
  }
  auto& sets = json["frequent_sets"] = ordered_json::array();
  for (const SetFrequency& set : statistics.sets) {
    sets.push_back({{"labels", set.labels}, {"rows", set.rows}});
  }
  json["together"] = pairs_json(statistics.together);
  json["apart"] = pairs_json(statistics.apart);
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace labelbeam::pipeline
