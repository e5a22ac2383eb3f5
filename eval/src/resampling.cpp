#include <fmt/format.h>
#include <labelbeam/eval/resampling.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "confusion.h"
#include "row_weightings.h"
#include "score_checks.h"

namespace labelbeam::eval {
namespace {

enum CellKind : std::uint32_t { kRight, kSurplus, kMissed, kNumKinds };

Confusion confusion_of(double right, double surplus, double missed) {
  return {right, right + surplus, right + missed};
}

Confusion confusion_of(std::span<const double> cells, std::size_t group) {
  const std::size_t at = group * kNumKinds;
  return confusion_of(cells[at + kRight], cells[at + kSurplus], cells[at + kMissed]);
}

Confusion total_confusion(std::span<const double> cells) {
  double sums[kNumKinds] = {};
  for (std::size_t c = 0; c < cells.size(); ++c) sums[c % kNumKinds] += cells[c];
  return confusion_of(sums[kRight], sums[kSurplus], sums[kMissed]);
}

/// Plain double sums of a value of each label and of its share in the weighted mean.
struct LabelSums {
  double plain = 0.0;
  double weighted = 0.0;
  double support = 0.0;

  void add(double value, double actual, double sign = 1.0) {
    plain += sign * value;
    weighted += sign * value * actual;
    support += sign * actual;
  }
  double mean(Average average, std::size_t num_labels) const {
    if (average == Average::weighted && support > 0.0) return weighted / support;
    return plain / static_cast<double>(num_labels);
  }
};

bool needs_labels(const Metric& metric) {
  return !is_row_metric(metric) && metric.average != Average::micro;
}

}  // namespace

ResampledAnswer::ResampledAnswer(std::span<const LabelSet> truth,
                                 std::span<const std::vector<LabelSet>> answers,
                                 std::size_t num_labels, std::vector<Metric> metrics,
                                 const Convention& convention)
    : num_rows_(truth.size()),
      num_seeds_(answers.size()),
      num_labels_(num_labels),
      metrics_(std::move(metrics)),
      convention_(convention) {
  check_num_labels("ResampledAnswer", num_labels);
  check_convention(convention);
  if (truth.empty()) throw std::invalid_argument("ResampledAnswer: there are no rows");
  if (answers.empty()) throw std::invalid_argument("ResampledAnswer: there are no answers");
  if (metrics_.empty()) throw std::invalid_argument("ResampledAnswer: there is no metric");
  for (const Metric& metric : metrics_) {
    check_metric(metric);
    if (is_row_metric(metric)) {
      row_values_.emplace_back(num_rows_);
    } else {
      num_groups_ = std::max(num_groups_, needs_labels(metric) ? num_labels : 1);
    }
  }
  const double share = 1.0 / static_cast<double>(num_seeds_);
  offsets_.push_back(0);
  for (const std::vector<LabelSet>& answer : answers) {
    if (answer.size() != num_rows_) {
      throw std::invalid_argument(fmt::format("ResampledAnswer: {} rows of truth but {} answers",
                                              num_rows_, answer.size()));
    }
    for (std::size_t i = 0; i < num_rows_; ++i) {
      check_labels("ResampledAnswer", truth[i], num_labels, "the truth");
      check_labels("ResampledAnswer", answer[i], num_labels, "the answer");
      const Confusion row{static_cast<double>(truth[i].intersection_size(answer[i])),
                          static_cast<double>(answer[i].size()),
                          static_cast<double>(truth[i].size())};
      std::size_t k = 0;
      for (const Metric& metric : metrics_) {
        if (!is_row_metric(metric)) continue;
        row_values_[k++][i] += share * row_value(metric, row, num_labels, convention).value;
      }
      if (num_groups_ > 0) {
        const auto add = [&](LabelId label, CellKind kind) {
          cells_.push_back((num_groups_ == 1 ? 0 : label) * kNumKinds + kind);
        };
        for (const LabelId label : truth[i])
          add(label, answer[i].contains(label) ? kRight : kMissed);
        for (const LabelId label : answer[i]) {
          if (!truth[i].contains(label)) add(label, kSurplus);
        }
      }
      offsets_.push_back(cells_.size());
    }
  }
}

std::span<const ResampledAnswer::Cell> ResampledAnswer::cells_of(std::size_t seed,
                                                                 std::size_t row) const {
  const std::size_t at = seed * num_rows_ + row;
  return std::span(cells_).subspan(offsets_[at], offsets_[at + 1] - offsets_[at]);
}

void ResampledAnswer::sum(std::span<const Lanes> weights, Sums& sums) const {
  sums.weight.fill(0.0);
  sums.rows.assign(row_values_.size(), Lanes{});
  sums.cells.assign(num_seeds_ * num_groups_ * kNumKinds, Lanes{});
  const auto add = [](Lanes& to, const Lanes& weight) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) to[lane] += weight[lane];
  };
  for (const Lanes& weight : weights) add(sums.weight, weight);
  for (std::size_t k = 0; k < row_values_.size(); ++k) {
    sums.rows[k] = weighted_sum(row_values_[k], weights);
  }
  if (num_groups_ == 0) return;
  for (std::size_t seed = 0; seed < num_seeds_; ++seed) {
    Lanes* const of_seed = sums.cells.data() + seed * num_groups_ * kNumKinds;
    for (std::size_t i = 0; i < num_rows_; ++i) {
      const Lanes weight = weights[i];
      for (const Cell cell : cells_of(seed, i)) add(of_seed[cell], weight);
    }
  }
}

double ResampledAnswer::ratio_metric(const Metric& metric, std::span<const double> cells) const {
  if (metric.average == Average::micro) {
    return ratio_value(metric, total_confusion(cells), convention_).value;
  }
  LabelSums sums;
  for (std::size_t label = 0; label < num_labels_; ++label) {
    const Confusion counts = confusion_of(cells, label);
    sums.add(ratio_value(metric, counts, convention_).value, counts.actual);
  }
  return sums.mean(metric.average, num_labels_);
}

void ResampledAnswer::values(const Sums& sums, std::vector<Lanes>& values) const {
  values.assign(metrics_.size(), Lanes{});
  std::size_t row_metric = 0;
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    if (!is_row_metric(metrics_[m])) continue;
    const Lanes& total = sums.rows[row_metric++];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      values[m][lane] = total[lane] / sums.weight[lane];
    }
  }
  if (num_groups_ == 0) return;
  const std::size_t num_cells = num_groups_ * kNumKinds;
  const double share = 1.0 / static_cast<double>(num_seeds_);
  std::vector<double> cells(num_cells);
  for (std::size_t seed = 0; seed < num_seeds_; ++seed) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t c = 0; c < num_cells; ++c) cells[c] = sums.cells[seed * num_cells + c][lane];
      for (std::size_t m = 0; m < metrics_.size(); ++m) {
        if (is_row_metric(metrics_[m])) continue;
        values[m][lane] += share * ratio_metric(metrics_[m], cells);
      }
    }
  }
}

std::vector<double> ResampledAnswer::values() const {
  return values(std::vector<double>(num_rows_, 1.0));
}

std::vector<double> ResampledAnswer::values(std::span<const double> weights) const {
  if (weights.size() != num_rows_) {
    throw std::invalid_argument(
        fmt::format("ResampledAnswer: {} rows but {} weights", num_rows_, weights.size()));
  }
  std::vector<Lanes> lanes(num_rows_);
  double total = 0.0;
  for (std::size_t i = 0; i < num_rows_; ++i) {
    check_weight("ResampledAnswer", weights[i]);
    lanes[i].fill(weights[i]);
    total += weights[i];
  }
  check_total_weight("ResampledAnswer", num_rows_, total);
  Sums sums;
  sum(lanes, sums);
  std::vector<Lanes> all;
  values(sums, all);
  std::vector<double> first;
  for (const Lanes& value : all) first.push_back(value[0]);
  return first;
}

void ResampledAnswer::add_micro_jackknife(const Metric& metric, std::size_t seed,
                                          std::span<const double> cells,
                                          std::vector<double>& values) const {
  const double share = 1.0 / static_cast<double>(num_seeds_);
  const Confusion total = total_confusion(cells);
  for (std::size_t i = 0; i < num_rows_; ++i) {
    double row[kNumKinds] = {};
    for (const Cell cell : cells_of(seed, i)) row[cell % kNumKinds] += 1.0;
    const Confusion own = confusion_of(row[kRight], row[kSurplus], row[kMissed]);
    values[i] += share * ratio_value(metric,
                                     {total.true_positives - own.true_positives,
                                      total.predicted - own.predicted, total.actual - own.actual},
                                     convention_)
                             .value;
  }
}

// A row changes the values of its own labels only, each of which it has once.
void ResampledAnswer::add_label_jackknife(const Metric& metric, std::size_t seed,
                                          std::span<const double> cells,
                                          std::vector<double>& values) const {
  const double share = 1.0 / static_cast<double>(num_seeds_);
  LabelSums whole;
  for (std::size_t label = 0; label < num_labels_; ++label) {
    const Confusion counts = confusion_of(cells, label);
    whole.add(ratio_value(metric, counts, convention_).value, counts.actual);
  }
  for (std::size_t i = 0; i < num_rows_; ++i) {
    LabelSums sums = whole;
    for (const Cell cell : cells_of(seed, i)) {
      const std::size_t label = cell / kNumKinds;
      const Confusion before = confusion_of(cells, label);
      double left[kNumKinds];
      for (std::size_t kind = 0; kind < kNumKinds; ++kind)
        left[kind] = cells[label * kNumKinds + kind];
      left[cell % kNumKinds] -= 1.0;
      const Confusion after = confusion_of(left[kRight], left[kSurplus], left[kMissed]);
      sums.add(ratio_value(metric, before, convention_).value, before.actual, -1.0);
      sums.add(ratio_value(metric, after, convention_).value, after.actual);
    }
    values[i] += share * sums.mean(metric.average, num_labels_);
  }
}

std::vector<double> ResampledAnswer::jackknife(std::size_t metric) const {
  if (metric >= metrics_.size()) {
    throw std::invalid_argument("ResampledAnswer: there is no such metric");
  }
  if (num_rows_ < 2) {
    throw std::invalid_argument("ResampledAnswer: the jackknife needs at least two rows");
  }
  if (is_row_metric(metrics_[metric])) {
    const auto end = metrics_.begin() + static_cast<std::ptrdiff_t>(metric);
    const auto before = std::count_if(metrics_.begin(), end, is_row_metric);
    return mean_jackknife(row_values_[static_cast<std::size_t>(before)]);
  }
  std::vector<double> values(num_rows_);
  std::vector<double> cells(num_groups_ * kNumKinds);
  for (std::size_t seed = 0; seed < num_seeds_; ++seed) {
    std::fill(cells.begin(), cells.end(), 0.0);
    for (std::size_t i = 0; i < num_rows_; ++i) {
      for (const Cell cell : cells_of(seed, i)) cells[cell] += 1.0;
    }
    if (metrics_[metric].average == Average::micro) {
      add_micro_jackknife(metrics_[metric], seed, cells, values);
    } else {
      add_label_jackknife(metrics_[metric], seed, cells, values);
    }
  }
  return values;
}

bool ResampledAnswer::is_same_row(const ResampledAnswer& other, std::size_t i) const {
  for (std::size_t k = 0; k < row_values_.size(); ++k) {
    if (row_values_[k][i] != other.row_values_[k][i]) return false;
  }
  for (std::size_t seed = 0; seed < num_seeds_; ++seed) {
    const auto mine = cells_of(seed, i);
    const auto others = other.cells_of(seed, i);
    if (!std::equal(mine.begin(), mine.end(), others.begin(), others.end())) return false;
  }
  return true;
}

bool ResampledAnswer::is_comparable(const ResampledAnswer& other) const {
  return num_rows_ == other.num_rows_ && num_seeds_ == other.num_seeds_ &&
         num_labels_ == other.num_labels_ && metrics_ == other.metrics_ &&
         convention_ == other.convention_;
}

}  // namespace labelbeam::eval
