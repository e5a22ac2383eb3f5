#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/pipeline/conformal_files.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/readers/predictions.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "label_names.h"
#include "listed_distribution.h"
#include "row_ids.h"
#include "text_table.h"

namespace labelbeam::pipeline {
namespace {

/// The rows of a predictions file, as `eval` takes them.
struct ConformalRows {
  std::vector<std::string> ids;
  std::vector<eval::ListedSets> lists;
  std::vector<double> uniforms;
  std::vector<LabelSet> truth;
};

/// Reads predictions and their truth. Labels of all files share one vocabulary.
class RowsReader {
 public:
  explicit RowsReader(const ConformalOptions& options) : options_(options) {}

  /// Calls `take(prediction, its listed sets, a uniform number)` for every prediction.
  template <typename Take>
  void read(const std::string& file, Take take) {
    PredictionReader reader(file);
    Prediction prediction;
    while (reader.next(prediction)) {
      require_sets(prediction, file, reader.line_number(), "conformal regions are lists of them");
      take(prediction, eval::list_sets(add_listed_distribution(prediction, labels_)),
           eval::row_uniform(options_.seed, prediction.id));
    }
  }

  /// The rows whose truth is known. `also(prediction, sets, uniform)` sees every prediction.
  template <typename Take>
  ConformalRows read_with_truth(const std::string& file, const std::string& truth_file,
                                std::size_t& unlabelled, Take also) {
    const Dataset truth = read_dataset(truth_file, options_.read);
    for (const Example& row : truth.rows) unlabelled += row.labelled ? 0 : 1;
    RowIds ids(truth, truth_file);
    ConformalRows rows;
    read(file, [&](const Prediction& prediction, eval::ListedSets sets, double uniform) {
      also(prediction, sets, uniform);
      const std::optional<std::size_t> row = ids.take(prediction.id);
      if (!row || !truth.rows[*row].labelled) return;
      rows.lists.push_back(std::move(sets));
      rows.uniforms.push_back(uniform);
      rows.truth.push_back(add_label_set(names_of(truth.rows[*row].labels, truth.labels), labels_));
    });
    ids.refuse_unmatched(file);
    if (rows.lists.empty()) throw DataError(truth_file, 0, "no row says what its labels are");
    return rows;
  }

  const LabelVocab& labels() const { return labels_; }

 private:
  const ConformalOptions& options_;
  LabelVocab labels_;
};

RowRegions name_regions(const std::string& id, const eval::ListedSets& sets, double uniform,
                        const ConformalResult& result, const LabelVocab& labels) {
  RowRegions row{id, {}};
  for (const ConformalLevel& level : result.levels) {
    const eval::ConformalRegion region = level.threshold.region(result.score, sets, uniform);
    NamedRegion named{level.threshold.coverage, {}, region.other};
    for (std::size_t k = 0; k < region.num_sets; ++k) {
      named.sets.push_back(names_of(sets.sets[k], labels));
    }
    row.levels.push_back(std::move(named));
  }
  return row;
}

void apply_to_file(RowsReader& reader, const ConformalOptions& options, ConformalResult& result) {
  const auto add_regions = [&](const Prediction& prediction, const eval::ListedSets& sets,
                               double uniform) {
    result.regions.push_back(name_regions(prediction.id, sets, uniform, result, reader.labels()));
  };
  if (options.apply_truth.empty()) {
    reader.read(options.apply_file, add_regions);
    return;
  }
  std::size_t unlabelled = 0;
  const ConformalRows rows =
      reader.read_with_truth(options.apply_file, options.apply_truth, unlabelled, add_regions);
  result.measured = rows.lists.size();
  for (ConformalLevel& level : result.levels) {
    level.applied =
        eval::measure_regions(result.score, level.threshold, rows.lists, rows.uniforms, rows.truth);
  }
}

void check(const ConformalOptions& options) {
  if (options.coverage.empty()) throw std::invalid_argument("conformal: no coverage is asked for");
  for (const double coverage : options.coverage) {
    if (coverage > 0.0 && coverage < 1.0) continue;
    throw std::invalid_argument(
        fmt::format("conformal: a coverage must be between 0 and 1, got {}", coverage));
  }
  if (options.apply_file.empty() && !options.apply_truth.empty()) {
    throw std::invalid_argument("conformal: a truth needs the predictions that it is of");
  }
}

nlohmann::ordered_json figures_json(const eval::RegionFigures& figures) {
  return {{"coverage", figures.covered},
          {"mean_sets", figures.mean_sets},
          {"other_share", figures.other_share},
          {"empty_share", figures.empty_share}};
}

nlohmann::ordered_json level_json(const ConformalLevel& level) {
  nlohmann::ordered_json json = {{"coverage", level.threshold.coverage},
                                 {"rank", level.threshold.rank},
                                 {"threshold", nullptr},
                                 {"everything", level.threshold.is_everything()},
                                 {"halves", nullptr},
                                 {"applied", nullptr}};
  if (level.threshold.highest) json["threshold"] = *level.threshold.highest;
  if (level.halves) {
    auto& halves = json["halves"] = figures_json(level.halves->mean);
    halves["splits"] = level.halves->num_splits;
    halves["calibration_rows"] = level.halves->num_calibration;
    halves["expected"] = level.halves->law.mean;
    halves["standard_deviation"] = level.halves->law.standard_deviation;
    halves["lower_limit"] = level.halves->lower_limit;
    halves["passed"] = level.halves->passed;
  }
  if (level.applied) json["applied"] = figures_json(*level.applied);
  return json;
}

std::string percent(double share) { return fmt::format("{:.2f} %", 100.0 * share); }

std::string halves_table(const ConformalResult& result) {
  TextTable table({"asked for", "covered", "expected", "at least", "", "sets", "other", "empty"});
  for (const ConformalLevel& level : result.levels) {
    const eval::HalvesCoverage& halves = level.halves.value();
    table.add({fmt::format("{:g} %", 100.0 * level.threshold.coverage),
               percent(halves.mean.covered), percent(halves.law.mean), percent(halves.lower_limit),
               halves.passed ? "pass" : "FAIL", fmt::format("{:.2f}", halves.mean.mean_sets),
               percent(halves.mean.other_share), percent(halves.mean.empty_share)});
  }
  return table.text();
}

std::string levels_table(const ConformalResult& result) {
  TextTable table({"asked for", "rank", "threshold", "covered", "sets", "other", "empty"});
  for (const ConformalLevel& level : result.levels) {
    std::vector<std::string> cells = {
        fmt::format("{:g} %", 100.0 * level.threshold.coverage), grouped(level.threshold.rank),
        level.threshold.highest ? fmt::format("{:.6f}", *level.threshold.highest) : "everything"};
    if (level.applied) {
      cells.insert(
          cells.end(),
          {percent(level.applied->covered), fmt::format("{:.2f}", level.applied->mean_sets),
           percent(level.applied->other_share), percent(level.applied->empty_share)});
    } else {
      cells.insert(cells.end(), 4, "-");
    }
    table.add(std::move(cells));
  }
  return table.text();
}

}  // namespace

ConformalResult conformal_files(const std::string& truth_file, const std::string& prediction_file,
                                const ConformalOptions& options) {
  check(options);
  ConformalResult result;
  result.score = options.score;
  result.seed = options.seed;
  RowsReader reader(options);
  const ConformalRows rows =
      reader.read_with_truth(prediction_file, truth_file, result.unlabelled,
                             [](const Prediction&, const eval::ListedSets&, double) {});
  result.rows = rows.lists.size();
  std::vector<double> scores;
  for (std::size_t i = 0; i < rows.lists.size(); ++i) {
    scores.push_back(
        eval::nonconformity_of(options.score, rows.lists[i], rows.uniforms[i], rows.truth[i]));
    if (!rows.lists[i].find(rows.truth[i])) ++result.unlisted;
  }
  for (const double coverage : options.coverage) {
    ConformalLevel level{eval::calibrate_conformal(scores, coverage), {}, {}};
    if (level.threshold.is_everything()) {
      result.warnings.push_back(fmt::format(
          "{} calibration rows are too few for a coverage of {:g}: every region is everything.",
          result.rows, coverage));
    }
    if (options.num_halves > 0) {
      level.halves = eval::measure_halves(options.score, coverage, rows.lists, rows.uniforms,
                                          rows.truth, options.num_halves, options.seed);
    }
    result.levels.push_back(std::move(level));
  }
  if (!options.apply_file.empty()) apply_to_file(reader, options, result);
  return result;
}

std::string to_text(const ConformalResult& result) {
  std::string text = fmt::format("{} calibration rows, score {}, seed {}\n", grouped(result.rows),
                                 eval::to_string(result.score), result.seed);
  if (result.unlabelled > 0) {
    text += fmt::format("{} rows of the truth say nothing of their labels and are left out\n",
                        grouped(result.unlabelled));
  }
  text +=
      fmt::format("the true set of {} calibration rows is not listed: only \"other\" covers it\n\n",
                  grouped(result.unlisted));
  text += levels_table(result);
  if (result.measured > 0) {
    text +=
        fmt::format("\nCovered, sets, other and empty: on {} rows.\n", grouped(result.measured));
  }
  if (result.levels.front().halves) {
    const eval::HalvesCoverage& halves = *result.levels.front().halves;
    text += fmt::format("\nOn {} random halves, calibrated on {} rows:\n\n",
                        grouped(halves.num_splits), grouped(halves.num_calibration));
    text += halves_table(result);
    text +=
        "\nCoverage below \"at least\" has a chance of 1 in 1,000 under the beta-binomial law.\n";
  }
  return text;
}

std::string to_json(const ConformalResult& result) {
  nlohmann::ordered_json json;
  json["command"] = "conformal";
  json["score"] = eval::to_string(result.score);
  json["seed"] = result.seed;
  json["rows"] = result.rows;
  json["unlabelled"] = result.unlabelled;
  json["unlisted"] = result.unlisted;
  json["levels"] = nlohmann::ordered_json::array();
  for (const ConformalLevel& level : result.levels) json["levels"].push_back(level_json(level));
  json["applied_rows"] = result.regions.size();
  json["measured_rows"] = result.measured;
  json["warnings"] = result.warnings;
  return json.dump(2) + '\n';
}

std::string to_json_line(const RowRegions& row) {
  nlohmann::ordered_json json = {{"id", row.id}, {"regions", nlohmann::ordered_json::array()}};
  for (const NamedRegion& level : row.levels) {
    json["regions"].push_back(
        {{"coverage", level.coverage}, {"sets", level.sets}, {"other", level.other}});
  }
  return json.dump();
}

}  // namespace labelbeam::pipeline
