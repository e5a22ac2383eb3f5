#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/probability_metrics.h>
#include <labelbeam/eval/set_calibration.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "fit_temperature.h"
#include "log_probability.h"

namespace labelbeam::eval {
namespace {

void check_rows(const char* who, std::span<const ListedSets> rows,
                std::span<const LabelSet> truth) {
  if (rows.empty() || rows.size() != truth.size()) {
    throw std::invalid_argument(
        fmt::format("{}: there must be rows, and as many of them as of the truth, got {} and {}",
                    who, rows.size(), truth.size()));
  }
}

/// "This set is the truth" as the one label of a row.
void add_set(ProbabilityAccumulator& sets, double log_prob, bool is_truth) {
  const double p = probability(log_prob);
  sets.add(is_truth ? LabelSet{0} : LabelSet{}, std::span(&p, 1));
}

SetReliability reliability_of(const char* who, const ProbabilityAccumulator& sets) {
  if (sets.num_rows() == 0) {
    throw std::invalid_argument(fmt::format("{}: no row lists a set", who));
  }
  return {sets.label_results().front().expected_calibration_error, sets.reliability(0)};
}

double log_prob_of(const ListedSets& row, const LabelSet& truth) {
  const std::optional<std::size_t> found = row.find(truth);
  return found ? row.log_probs[*found] : row.log_other;
}

/// The mean of log p under the distribution at an inverse temperature.
double mean_log_prob(const ListedSets& row, double inverse) {
  double highest = row.log_other;
  for (const double log_prob : row.log_probs) highest = std::max(highest, log_prob);
  double mass = 0.0;
  double sum = 0.0;
  const auto add = [&](double log_prob) {
    if (std::isinf(log_prob)) return;
    const double weight = std::exp(inverse * (log_prob - highest));
    mass += weight;
    sum += weight * log_prob;
  };
  for (const double log_prob : row.log_probs) add(log_prob);
  add(row.log_other);
  return sum / mass;
}

}  // namespace

SetReliability top_set_reliability(std::span<const ListedSets> rows,
                                   std::span<const LabelSet> truth, std::size_t num_bins) {
  check_rows("top_set_reliability", rows, truth);
  ProbabilityAccumulator sets(1, num_bins);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].sets.empty()) continue;
    add_set(sets, rows[i].log_probs.front(), rows[i].sets.front() == truth[i]);
  }
  return reliability_of("top_set_reliability", sets);
}

SetReliability listed_set_reliability(std::span<const ListedSets> rows,
                                      std::span<const LabelSet> truth, std::size_t num_bins) {
  check_rows("listed_set_reliability", rows, truth);
  ProbabilityAccumulator sets(1, num_bins);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t k = 0; k < rows[i].sets.size(); ++k) {
      add_set(sets, rows[i].log_probs[k], rows[i].sets[k] == truth[i]);
    }
  }
  return reliability_of("listed_set_reliability", sets);
}

OtherReliability other_reliability(std::span<const ListedSets> rows,
                                   std::span<const LabelSet> truth) {
  check_rows("other_reliability", rows, truth);
  CompensatedSum mass;
  std::size_t unlisted = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    mass.add(probability(rows[i].log_other));
    if (!rows[i].find(truth[i])) ++unlisted;
  }
  const auto n = static_cast<double>(rows.size());
  return {mass.value() / n, static_cast<double>(unlisted) / n};
}

ListedSets apply_temperature(const ListedSets& row, double temperature) {
  if (!(temperature > 0.0) || std::isinf(temperature)) {
    throw std::invalid_argument(fmt::format(
        "apply_temperature: the temperature must be positive and finite, got {}", temperature));
  }
  ListedSets tempered = row;
  double highest = row.log_other;
  for (const double log_prob : row.log_probs) highest = std::max(highest, log_prob);
  CompensatedSum mass;
  const auto scale = [&](double& log_prob) {
    log_prob = (log_prob - highest) / temperature;
    mass.add(std::exp(log_prob));
  };
  for (double& log_prob : tempered.log_probs) scale(log_prob);
  scale(tempered.log_other);
  const double log_mass = std::log(mass.value());
  for (double& log_prob : tempered.log_probs) log_prob -= log_mass;
  tempered.log_other -= log_mass;
  return tempered;
}

ListedNll listed_nll(std::span<const ListedSets> rows, std::span<const LabelSet> truth) {
  check_rows("listed_nll", rows, truth);
  ListedNll nll;
  CompensatedSum sum;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].find(truth[i])) ++nll.unlisted;
    const double log_prob = log_prob_of(rows[i], truth[i]);
    if (std::isinf(log_prob)) {
      ++nll.impossible;
    } else {
      sum.add(-log_prob);
    }
  }
  const std::size_t possible = rows.size() - nll.impossible;
  nll.mean = possible > 0 ? sum.value() / static_cast<double>(possible)
                          : std::numeric_limits<double>::quiet_NaN();
  return nll;
}

double fit_set_temperature(std::span<const ListedSets> rows, TuningTruth tuned_on) {
  const std::span<const LabelSet> truth = tuned_on.rows();
  if (listed_nll(rows, truth).impossible == rows.size()) return 1.0;
  std::vector<double> of_truth;
  for (std::size_t i = 0; i < rows.size(); ++i) of_truth.push_back(log_prob_of(rows[i], truth[i]));
  return fit_temperature([&](double inverse) {
    CompensatedSum slope;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!std::isinf(of_truth[i])) slope.add(mean_log_prob(rows[i], inverse) - of_truth[i]);
    }
    return slope.value();
  });
}

}  // namespace labelbeam::eval
