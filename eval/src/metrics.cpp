#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/metrics.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

#include "confusion.h"
#include "label_mean.h"
#include "score_checks.h"

namespace labelbeam::eval {
namespace {

// Sizes of sets are at most kMaxLabels = 2^20, which takes 21 bits: three of them fill a key.
constexpr unsigned kSizeBits = 21;
static_assert(kMaxLabels < (std::size_t{1} << kSizeBits));
constexpr std::uint64_t kSizeMask = (std::uint64_t{1} << kSizeBits) - 1;

std::uint64_t group_key(std::size_t true_positives, std::size_t predicted, std::size_t actual) {
  return (std::uint64_t{true_positives} << (2 * kSizeBits)) |
         (std::uint64_t{predicted} << kSizeBits) | std::uint64_t{actual};
}

Confusion confusion(const RowGroup& group) {
  return {static_cast<double>(group.true_positives), static_cast<double>(group.predicted),
          static_cast<double>(group.actual)};
}

Confusion confusion(const LabelCounts& counts) {
  return {counts.true_positives, counts.predicted, counts.actual};
}

double difference(ExactSum left, const ExactSum& right) {
  left.subtract(right);
  return left.value();
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

constexpr std::pair<std::string_view, Average> kAverages[] = {{"_samples", Average::samples},
                                                              {"_micro", Average::micro},
                                                              {"_macro", Average::macro},
                                                              {"_weighted", Average::weighted}};

std::string_view suffix(Average average) {
  for (const auto& [text, value] : kAverages) {
    if (value == average) return text;
  }
  throw std::invalid_argument("Metric: the average is not one");
}

std::optional<Metric> try_parse(std::string_view name) {
  if (name == "subset_accuracy") return Metric{MetricKind::subset_accuracy, Average::samples, 1.0};
  if (name == "hamming_loss") return Metric{MetricKind::hamming_loss, Average::samples, 1.0};
  Metric metric;
  const std::size_t colon = name.find(':');
  std::string_view stem = name.substr(0, colon);
  bool found = false;
  for (const auto& [text, average] : kAverages) {
    if (!stem.ends_with(text)) continue;
    stem.remove_suffix(text.size());
    metric.average = average;
    found = true;
    break;
  }
  if (!found) return std::nullopt;
  if (stem == "fbeta" && colon != std::string_view::npos) {
    const std::optional<double> beta = parse_number(name.substr(colon + 1));
    if (!beta || !std::isfinite(*beta) || *beta <= 0.0) return std::nullopt;
    metric.kind = MetricKind::f_beta;
    metric.beta = *beta;
    return metric;
  }
  if (colon != std::string_view::npos) return std::nullopt;
  if (stem == "f1") {
    metric.kind = MetricKind::f_beta;
  } else if (stem == "jaccard") {
    metric.kind = MetricKind::jaccard;
  } else if (stem == "precision") {
    metric.kind = MetricKind::precision;
  } else if (stem == "recall") {
    metric.kind = MetricKind::recall;
  } else {
    return std::nullopt;
  }
  return metric;
}

}  // namespace

void check_metric(const Metric& metric) {
  if (!std::isfinite(metric.beta) || metric.beta <= 0.0) {
    throw std::invalid_argument(
        fmt::format("Metric: beta must be finite and above 0, got {}", metric.beta));
  }
}

Metric parse_metric(std::string_view name) {
  const std::optional<Metric> metric = try_parse(name);
  if (!metric) {
    throw std::invalid_argument(fmt::format(
        "unknown metric '{}': expected subset_accuracy, hamming_loss, or jaccard, f1, precision or "
        "recall with _samples, _micro, _macro or _weighted, or such as fbeta_samples:2",
        name));
  }
  return *metric;
}

std::string metric_name(const Metric& metric) {
  switch (metric.kind) {
    case MetricKind::subset_accuracy:
      return "subset_accuracy";
    case MetricKind::hamming_loss:
      return "hamming_loss";
    case MetricKind::jaccard:
      return fmt::format("jaccard{}", suffix(metric.average));
    case MetricKind::precision:
      return fmt::format("precision{}", suffix(metric.average));
    case MetricKind::recall:
      return fmt::format("recall{}", suffix(metric.average));
    case MetricKind::f_beta:
      if (metric.beta == 1.0) return fmt::format("f1{}", suffix(metric.average));
      return fmt::format("fbeta{}:{}", suffix(metric.average), metric.beta);
  }
  throw std::invalid_argument("Metric: the kind is not one");
}

bool higher_is_better(const Metric& metric) { return metric.kind != MetricKind::hamming_loss; }

NamedValue named(const MetricValue& value) {
  return {metric_name(value.metric), value.value, value.undefined, value.convention};
}

MetricAccumulator::MetricAccumulator(std::size_t num_labels, const Convention& convention)
    : num_labels_(num_labels), convention_(convention) {
  check_num_labels("MetricAccumulator", num_labels);
  check_convention(convention);
  labels_.resize(num_labels);
}

void MetricAccumulator::start_weighting() {
  label_weights_.resize(num_labels_);
  for (std::size_t l = 0; l < num_labels_; ++l) {
    label_weights_[l].true_positives.add(static_cast<double>(labels_[l].true_positives));
    label_weights_[l].predicted.add(static_cast<double>(labels_[l].predicted));
    label_weights_[l].actual.add(static_cast<double>(labels_[l].actual));
  }
}

void MetricAccumulator::add(const LabelSet& truth, const LabelSet& prediction, double weight) {
  check_labels("MetricAccumulator", truth, num_labels_, "the truth");
  check_labels("MetricAccumulator", prediction, num_labels_, "the prediction");
  check_weight("MetricAccumulator", weight);
  if (weight != 1.0 && label_weights_.empty()) start_weighting();
  const bool weighted = !label_weights_.empty();

  std::size_t true_positives = 0;
  for (const LabelId label : truth) {
    ++labels_[label].actual;
    if (weighted) label_weights_[label].actual.add(weight);
  }
  auto next_true = truth.begin();
  for (const LabelId label : prediction) {
    ++labels_[label].predicted;
    if (weighted) label_weights_[label].predicted.add(weight);
    while (next_true != truth.end() && *next_true < label) ++next_true;
    if (next_true == truth.end() || *next_true != label) continue;
    ++true_positives;
    ++labels_[label].true_positives;
    if (weighted) label_weights_[label].true_positives.add(weight);
  }
  GroupTally& group = groups_[group_key(true_positives, prediction.size(), truth.size())];
  ++group.rows;
  group.weight.add(weight);
  ++num_rows_;
}

void MetricAccumulator::merge(const MetricAccumulator& other) {
  if (num_labels_ != other.num_labels_ || convention_ != other.convention_) {
    throw std::invalid_argument(
        "MetricAccumulator: merging needs the same number of labels and the same convention");
  }
  // Merging into itself would walk containers that it changes.
  if (this == &other) return merge(MetricAccumulator(other));
  if (!other.label_weights_.empty() && label_weights_.empty()) start_weighting();
  for (std::size_t l = 0; l < num_labels_; ++l) {
    labels_[l].true_positives += other.labels_[l].true_positives;
    labels_[l].predicted += other.labels_[l].predicted;
    labels_[l].actual += other.labels_[l].actual;
    if (label_weights_.empty()) continue;
    LabelWeights& mine = label_weights_[l];
    if (other.label_weights_.empty()) {
      mine.true_positives.add(static_cast<double>(other.labels_[l].true_positives));
      mine.predicted.add(static_cast<double>(other.labels_[l].predicted));
      mine.actual.add(static_cast<double>(other.labels_[l].actual));
    } else {
      mine.true_positives.add(other.label_weights_[l].true_positives);
      mine.predicted.add(other.label_weights_[l].predicted);
      mine.actual.add(other.label_weights_[l].actual);
    }
  }
  for (const auto& [key, group] : other.groups_) {
    GroupTally& mine = groups_[key];
    mine.rows += group.rows;
    mine.weight.add(group.weight);
  }
  num_rows_ += other.num_rows_;
}

// Sorted, so that a sum over groups does not depend on the order in which rows came.
std::vector<RowGroup> MetricAccumulator::row_groups() const {
  std::vector<RowGroup> groups;
  groups.reserve(groups_.size());
  for (const auto& [key, tally] : groups_) {
    groups.push_back({key >> (2 * kSizeBits), (key >> kSizeBits) & kSizeMask, key & kSizeMask,
                      tally.rows, tally.weight.value()});
  }
  std::sort(groups.begin(), groups.end(), [](const RowGroup& a, const RowGroup& b) {
    return group_key(a.true_positives, a.predicted, a.actual) <
           group_key(b.true_positives, b.predicted, b.actual);
  });
  return groups;
}

void MetricAccumulator::check_rows(const std::string& what) const {
  if (num_rows_ == 0) {
    throw std::invalid_argument(fmt::format("{}: there are no rows to take it over", what));
  }
}

MetricValue MetricAccumulator::result(const Metric& metric) const {
  check_metric(metric);
  check_rows(metric_name(metric));
  if (is_row_metric(metric)) return samples_result(metric);
  return metric.average == Average::micro ? micro_result(metric) : label_mean(metric);
}

MetricValue MetricAccumulator::samples_result(const Metric& metric) const {
  MetricValue result{metric, 0.0, 0, convention_.name()};
  ExactSum sum;
  ExactSum total;
  for (const RowGroup& group : row_groups()) {
    const UnitValue row = row_value(metric, confusion(group), num_labels_, convention_);
    sum.add(group.weight * row.value);
    total.add(group.weight);
    if (row.undefined) result.undefined += group.rows;
  }
  check_total_weight(metric_name(metric), num_rows_, total.value());
  result.value = sum.value() / total.value();
  return result;
}

MetricValue MetricAccumulator::micro_result(const Metric& metric) const {
  ExactSum true_positives;
  ExactSum predicted;
  ExactSum actual;
  for (const RowGroup& group : row_groups()) {
    const Confusion row = confusion(group);
    true_positives.add(group.weight * row.true_positives);
    predicted.add(group.weight * row.predicted);
    actual.add(group.weight * row.actual);
  }
  const UnitValue all =
      ratio_value(metric, {true_positives.value(), predicted.value(), actual.value()}, convention_);
  return {metric, all.value, all.undefined ? std::uint64_t{1} : 0, convention_.name()};
}

MetricValue MetricAccumulator::label_mean(const Metric& metric) const {
  MetricValue result{metric, 0.0, 0, convention_.name()};
  LabelMean mean;
  for (const LabelCounts& counts : label_counts()) {
    const UnitValue label = ratio_value(metric, confusion(counts), convention_);
    mean.add(label.value, counts.actual);
    if (label.undefined) ++result.undefined;
  }
  result.value = mean.value(metric.average);
  return result;
}

std::vector<MetricValue> MetricAccumulator::label_results(const Metric& metric) const {
  check_metric(metric);
  check_rows(metric_name(metric));
  if (metric.kind == MetricKind::subset_accuracy || metric.kind == MetricKind::hamming_loss) {
    throw std::invalid_argument(
        fmt::format("{}: there is no such value for a label", metric_name(metric)));
  }
  std::vector<MetricValue> results;
  results.reserve(num_labels_);
  for (const LabelCounts& counts : label_counts()) {
    const UnitValue label = ratio_value(metric, confusion(counts), convention_);
    results.push_back(
        {metric, label.value, label.undefined ? std::uint64_t{1} : 0, convention_.name()});
  }
  return results;
}

std::vector<LabelCounts> MetricAccumulator::label_counts() const {
  std::vector<LabelCounts> counts(num_labels_);
  for (std::size_t l = 0; l < num_labels_; ++l) {
    if (label_weights_.empty()) {
      counts[l] = {static_cast<double>(labels_[l].true_positives),
                   static_cast<double>(labels_[l].predicted),
                   static_cast<double>(labels_[l].actual)};
    } else {
      counts[l] = {label_weights_[l].true_positives.value(), label_weights_[l].predicted.value(),
                   label_weights_[l].actual.value()};
    }
  }
  return counts;
}

std::vector<LabelConfusion> MetricAccumulator::label_confusions() const {
  ExactSum all;
  for (const auto& [key, tally] : groups_) all.add(tally.weight);
  std::vector<LabelConfusion> confusions;
  confusions.reserve(num_labels_);
  for (std::size_t l = 0; l < num_labels_; ++l) {
    if (label_weights_.empty()) {
      const LabelTally& tally = labels_[l];
      const std::uint64_t either = tally.predicted + tally.actual - tally.true_positives;
      confusions.push_back({static_cast<double>(num_rows_ - either),
                            static_cast<double>(tally.predicted - tally.true_positives),
                            static_cast<double>(tally.actual - tally.true_positives),
                            static_cast<double>(tally.true_positives)});
    } else {
      // Differences of exact sums: rounded once, a cell without rows is 0.
      const LabelWeights& weights = label_weights_[l];
      const double false_positives = difference(weights.predicted, weights.true_positives);
      const double false_negatives = difference(weights.actual, weights.true_positives);
      ExactSum either = weights.predicted;
      either.add(weights.actual);
      either.subtract(weights.true_positives);
      confusions.push_back({difference(all, either), false_positives, false_negatives,
                            weights.true_positives.value()});
    }
  }
  return confusions;
}

const std::vector<Metric>& standard_metrics() {
  static const std::vector<Metric> metrics = [] {
    std::vector<Metric> list = {{MetricKind::subset_accuracy, Average::samples, 1.0},
                                {MetricKind::hamming_loss, Average::samples, 1.0}};
    for (const MetricKind kind :
         {MetricKind::jaccard, MetricKind::f_beta, MetricKind::precision, MetricKind::recall}) {
      for (const Average average : {Average::samples, Average::micro, Average::macro}) {
        list.push_back({kind, average, 1.0});
      }
    }
    return list;
  }();
  return metrics;
}

namespace {

MetricAccumulator accumulate_rows(std::span<const LabelSet> truth, std::span<const LabelSet> pred,
                                  std::size_t num_labels, const Convention& convention) {
  if (truth.size() != pred.size()) {
    throw std::invalid_argument(
        fmt::format("evaluate: {} rows of truth but {} predictions", truth.size(), pred.size()));
  }
  MetricAccumulator accumulator(num_labels, convention);
  for (std::size_t i = 0; i < truth.size(); ++i) accumulator.add(truth[i], pred[i]);
  return accumulator;
}

}  // namespace

std::vector<MetricValue> evaluate(std::span<const LabelSet> truth, std::span<const LabelSet> pred,
                                  std::size_t num_labels, const Convention& convention) {
  const MetricAccumulator rows = accumulate_rows(truth, pred, num_labels, convention);
  std::vector<MetricValue> values;
  for (const Metric& metric : standard_metrics()) values.push_back(rows.result(metric));
  return values;
}

MetricValue evaluate(const Metric& metric, std::span<const LabelSet> truth,
                     std::span<const LabelSet> pred, std::size_t num_labels,
                     const Convention& convention) {
  return accumulate_rows(truth, pred, num_labels, convention).result(metric);
}

double mean_set_nll(std::span<const double> log_probs) {
  if (log_probs.empty()) throw std::invalid_argument("mean_set_nll: there are no documents");
  constexpr double kRounding = 1e-6;
  CompensatedSum sum;
  bool impossible = false;
  for (const double log_prob : log_probs) {
    if (!(log_prob <= kRounding)) {
      throw std::invalid_argument(
          fmt::format("mean_set_nll: a log probability must be at most 0, got {}", log_prob));
    }
    // Kept out of the sum: a compensated sum with an infinity in it is NaN.
    if (std::isinf(log_prob)) {
      impossible = true;
    } else {
      sum.add(log_prob);
    }
  }
  if (impossible) return HUGE_VAL;
  return -sum.value() / static_cast<double>(log_probs.size());
}

}  // namespace labelbeam::eval
