#include "listed_distribution.h"

#include <labelbeam/error.h>

#include <algorithm>
#include <cmath>

#include "label_names.h"

namespace labelbeam::pipeline {
namespace {

/// Probabilities printed as logarithms may be above 1 by a little.
double log_prob_of(const PredictedSet& set) { return std::min(set.log_prob, 0.0); }

double listed_mass(const Prediction& row) {
  double mass = 0.0;
  for (const PredictedSet& set : row.sets) mass += std::exp(log_prob_of(set));
  return mass;
}

}  // namespace

void require_sets(const Prediction& row, const std::string& file, std::size_t line,
                  const std::string& need) {
  if (row.sets.empty()) throw DataError(file, line, "has no \"sets\": " + need);
}

std::string hint_to_decide(const Prediction& row) {
  return row.sets.empty() ? "its scores need a rule or thresholds first (labelbeam decide)"
                          : "its sets need a rule first (labelbeam decide), or have expected "
                            "counts (--expected)";
}

double residual_of(const Prediction& row) {
  return std::clamp(row.residual.value_or(1.0 - listed_mass(row)), 0.0, 1.0);
}

SetDistribution listed_distribution(const Prediction& row, const LabelVocab& labels) {
  SetDistribution distribution;
  std::vector<ScoredSet>& sets = distribution.sets;
  for (const PredictedSet& listed : row.sets) {
    sets.push_back({ids_of(listed.labels, labels), log_prob_of(listed), log_prob_of(listed), 0.0});
  }
  std::sort(sets.begin(), sets.end(), [](const ScoredSet& a, const ScoredSet& b) {
    return a.log_prob != b.log_prob ? a.log_prob > b.log_prob : a.labels < b.labels;
  });
  // Relative to the best set: probabilities of unlikely sets alone would all round to 0.
  double sum = 0.0;
  for (ScoredSet& set : sets) sum += set.weight = std::exp(set.log_prob - sets.front().log_prob);
  for (ScoredSet& set : sets) set.weight /= sum;
  distribution.weight_sum = found_mass(sets);
  distribution.residual = residual_of(row);
  return distribution;
}

SetDistribution add_listed_distribution(const Prediction& row, LabelVocab& labels) {
  for (const PredictedSet& set : row.sets) add_label_set(set.labels, labels);
  return listed_distribution(row, labels);
}

}  // namespace labelbeam::pipeline
