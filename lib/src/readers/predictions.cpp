#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <labelbeam/readers/predictions.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>
#include <utility>

#include "readers/json_line.h"

namespace labelbeam {
namespace {

using nlohmann::json;

constexpr double kMassTolerance = 1e-6;  // for sums of probabilities printed as logarithms

void refuse_repeats(std::vector<std::string> labels, const LinePlace& place) {
  std::sort(labels.begin(), labels.end());
  const auto twice = std::adjacent_find(labels.begin(), labels.end());
  if (twice != labels.end()) {
    place.fail(fmt::format("the label {} is repeated within a set", json(*twice).dump()));
  }
}

void read_scores(const json& scores, const LinePlace& place, Prediction& prediction) {
  if (!scores.is_object()) {
    place.fail(fmt::format("\"scores\" must be an object from label to number, got a JSON {}",
                           scores.type_name()));
  }
  for (const auto& [label, score] : scores.items()) {
    check_label_name(label, place);
    prediction.scores.emplace_back(
        label, finite_number(score, fmt::format("the score of {}", json(label).dump()), place));
  }
}

PredictedSet read_set(const json& entry, const LinePlace& place) {
  const json* labels = entry.is_object() ? find_value(entry, "labels") : nullptr;
  const json* log_prob = entry.is_object() ? find_value(entry, "log_prob") : nullptr;
  if (!labels || !log_prob) {
    place.fail("every entry of \"sets\" must be an object with \"labels\" and \"log_prob\"");
  }
  PredictedSet set{label_names(*labels, place), finite_number(*log_prob, "\"log_prob\"", place)};
  refuse_repeats(set.labels, place);
  if (set.log_prob > kMassTolerance) {
    place.fail(fmt::format("\"log_prob\" must be at most 0, got {}", set.log_prob));
  }
  return set;
}

void read_sets(const json& sets, const LinePlace& place, Prediction& prediction) {
  if (!sets.is_array()) {
    place.fail(fmt::format("\"sets\" must be an array, got a JSON {}", sets.type_name()));
  }
  std::set<std::vector<std::string>> seen;
  for (const json& entry : sets) {
    prediction.sets.push_back(read_set(entry, place));
    std::vector<std::string> sorted = prediction.sets.back().labels;
    std::sort(sorted.begin(), sorted.end());
    if (!seen.insert(std::move(sorted)).second) {
      place.fail(fmt::format("the set {} is repeated", json(prediction.sets.back().labels).dump()));
    }
  }
}

void check_mass(const Prediction& prediction, const LinePlace& place) {
  double mass = prediction.residual.value_or(0.0);
  if (mass < -kMassTolerance || mass > 1.0 + kMassTolerance) {
    place.fail(fmt::format("\"residual\" must be between 0 and 1, got {}", mass));
  }
  for (const PredictedSet& set : prediction.sets) mass += std::exp(set.log_prob);
  if (mass > 1.0 + kMassTolerance) {
    place.fail(fmt::format("the probabilities of the sets and the residual sum to {}", mass));
  }
}

Prediction read_prediction(const json& object, const LinePlace& place) {
  Prediction prediction;
  prediction.id = id_of(object, place);
  if (prediction.id.empty()) place.fail("there is no \"id\"");
  const json* labels = find_value(object, "labels");
  const json* scores = find_value(object, "scores");
  const json* sets = find_value(object, "sets");
  if (!labels && !scores && !sets) place.fail("there is no \"labels\", \"scores\" or \"sets\"");
  prediction.decided = labels != nullptr;
  if (labels) prediction.labels = label_names(*labels, place);
  refuse_repeats(prediction.labels, place);
  if (scores) read_scores(*scores, place, prediction);
  if (sets) read_sets(*sets, place, prediction);
  if (const json* residual = find_value(object, "residual")) {
    prediction.residual = finite_number(*residual, "\"residual\"", place);
  }
  check_mass(prediction, place);
  return prediction;
}

}  // namespace

class PredictionReader::Impl {
 public:
  explicit Impl(const std::string& path) : lines_(path) {}

  bool next(Prediction& prediction) {
    do {
      if (!lines_.next(line_)) return false;
    } while (is_blank(line_));
    const LinePlace place{lines_.name(), lines_.line_number()};
    prediction = read_prediction(parse_json_line(line_, place), place);
    const auto [first, is_new] = first_lines_.emplace(prediction.id, place.line);
    if (!is_new) {
      place.fail(fmt::format("the id \"{}\" is repeated; it was first used in line {}",
                             prediction.id, first->second));
    }
    return true;
  }

  const LineReader& lines() const { return lines_; }

 private:
  LineReader lines_;
  std::string line_;
  std::unordered_map<std::string, std::size_t> first_lines_;
};

PredictionReader::PredictionReader(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
PredictionReader::~PredictionReader() = default;
PredictionReader::PredictionReader(PredictionReader&&) noexcept = default;
PredictionReader& PredictionReader::operator=(PredictionReader&&) noexcept = default;

bool PredictionReader::next(Prediction& prediction) { return impl_->next(prediction); }
std::size_t PredictionReader::line_number() const { return impl_->lines().line_number(); }

std::vector<Prediction> read_predictions(const std::string& path) {
  PredictionReader reader(path);
  std::vector<Prediction> predictions;
  Prediction prediction;
  while (reader.next(prediction)) predictions.push_back(std::move(prediction));
  if (predictions.empty()) {
    throw DataError(path == "-" ? "standard input" : path, 0, "is empty: it has no predictions");
  }
  return predictions;
}

}  // namespace labelbeam
