#include <fmt/format.h>
#include <labelbeam/decoders/corpus_rules.h>

#include <cmath>
#include <stdexcept>

#include "corpus_cells.h"

namespace labelbeam::decoders {

CorpusThresholds::CorpusThresholds(std::size_t num_labels, double beta, CorpusAverage average)
    : num_labels_(num_labels),
      beta_squared_(beta * beta),
      average_(average),
      counts_(average == CorpusAverage::macro ? num_labels : 1) {
  if (num_labels < 1) throw std::invalid_argument("CorpusThresholds: there is no label");
  if (!(beta > 0.0 && std::isfinite(beta))) {
    throw std::invalid_argument(
        fmt::format("CorpusThresholds: beta must be finite and above 0, got {}", beta));
  }
}

CorpusThresholds::CorpusThresholds(const ScoreMatrix& seen, double beta, CorpusAverage average)
    : CorpusThresholds(seen.num_labels, beta, average) {
  const CorpusDecision decision = decide_corpus_fbeta(seen, beta, average);
  for (std::size_t i = 0; i < seen.num_rows; ++i) {
    for (std::size_t label = 0; label < num_labels_; ++label) {
      counts_[counts_of(label)].actual += seen.row(i)[label];
    }
    for (LabelId label : decision.answers[i]) {
      counts_[counts_of(label)].true_positives += seen.row(i)[label];
      counts_[counts_of(label)].predicted += 1.0;
    }
  }
}

void CorpusThresholds::add(std::span<const double> marginals) {
  check_row(marginals);
  const LabelSet answer = decide(marginals);  // by the working point before this document
  for (LabelId label : answer) {
    counts_[counts_of(label)].true_positives += marginals[label];
    counts_[counts_of(label)].predicted += 1.0;
  }
  for (std::size_t label = 0; label < num_labels_; ++label) {
    counts_[counts_of(label)].actual += marginals[label];
  }
}

LabelSet CorpusThresholds::decide(std::span<const double> marginals) const {
  check_row(marginals);
  std::vector<LabelId> labels;
  for (LabelId label = 0; label < num_labels_; ++label) {
    if (marginals[label] > working_point_of(label)) labels.push_back(label);
  }
  return LabelSet(labels);
}

double CorpusThresholds::working_point(LabelId label) const {
  if (label >= num_labels_) {
    throw std::invalid_argument(fmt::format(
        "CorpusThresholds: label {} is not below the number of labels, {}", label, num_labels_));
  }
  return working_point_of(label);
}

double CorpusThresholds::value() const {
  double sum = 0.0;
  for (const Counts& counts : counts_) sum += fbeta(counts);
  return sum / static_cast<double>(counts_.size());
}

std::size_t CorpusThresholds::counts_of(std::size_t label) const {
  return average_ == CorpusAverage::macro ? label : 0;
}

double CorpusThresholds::fbeta(const Counts& counts) const {
  return fbeta_of_counts(beta_squared_, counts.true_positives, counts.predicted, counts.actual);
}

double CorpusThresholds::working_point_of(std::size_t label) const {
  return fbeta(counts_[counts_of(label)]) / (1.0 + beta_squared_);
}

void CorpusThresholds::check_row(std::span<const double> marginals) const {
  if (marginals.size() != num_labels_) {
    throw std::invalid_argument(
        fmt::format("CorpusThresholds: {} marginals for {} labels", marginals.size(), num_labels_));
  }
  check_marginals(marginals);
}

}  // namespace labelbeam::decoders
