#pragma once

#include <labelbeam/dataset.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace labelbeam {

/// The shape of a synthetic task.
struct SyntheticOptions {
  std::size_t num_labels = 12;       ///< L, 1 to 16: the posterior enumerates 2^L sets
  std::size_t words_per_label = 12;  ///< size of a label's topic, at least 2
  std::size_t common_words = 60;     ///< words that belong to no topic, at least 1
  std::size_t min_words = 6;         ///< shortest text, at least 1
  std::size_t max_words = 18;        ///< longest text, at least `min_words`
  double background = 1.0;           ///< weight of the background against one label's topic, > 0
  double twin_overlap = 0.8;  ///< share of a topic in common with the label's twin, in [0, 1]
  std::uint64_t seed = 1;     ///< of the task: its dependencies and topics
};

/// A multi-label task whose joint distribution is known, so that every answer can be checked.
///
/// Labels 2k and 2k + 1 are twins: they share most words of their topics, so that a text tells that
/// one of them is there but hardly which, and they seldom occur together. Which one it is depends
/// on earlier labels: y_l is Bernoulli(sigmoid(b_l + sum_{j<l} w_lj y_j)). Given the label set Y
/// each word is drawn independently from (background + sum of the topics of Y) / (its weight +
/// |Y|); the length of a text does not depend on Y. The sigmoids are rounded to multiples of 2^-20,
/// so that equal seeds give equal data everywhere.
class SyntheticTask {
 public:
  /// Throws `std::invalid_argument` for options out of range.
  explicit SyntheticTask(SyntheticOptions options = {});

  const SyntheticOptions& options() const { return options_; }
  /// "label00", "label01", ...
  const LabelVocab& labels() const { return labels_; }

  /// `num_rows` rows drawn independently; ids are "PREFIX-0", ... Other seeds give other rows of
  /// the same task.
  Dataset sample(std::size_t num_rows, std::uint64_t seed,
                 std::string_view id_prefix = "row") const;

  /// log p(Y), nats.
  double log_prior(const LabelSet& labels) const;
  /// log p(Y | text), nats, for every Y: [2^L], at the index whose bit l says whether l is in Y.
  /// Words are separated by spaces; a word that the task does not know says nothing.
  std::vector<double> log_posteriors(std::string_view text) const;
  /// log p(Y | text) of one set, nats.
  double log_posterior(std::string_view text, const LabelSet& labels) const;

 private:
  void make_dependencies();
  void make_topics();
  double probability_of(std::size_t label, std::uint32_t earlier) const;
  std::uint32_t draw_word(std::uint32_t mask, double where) const;
  double log_prior_of(std::uint32_t mask) const;
  std::vector<double> word_probabilities(std::uint32_t word) const;

  SyntheticOptions options_;
  LabelVocab labels_;
  LabelVocab words_;             // W names
  std::vector<double> topics_;   // [L + 1, W]: a row a label, the background last
  std::vector<double> biases_;   // [L]
  std::vector<double> weights_;  // [L, L], strictly lower triangle
};

}  // namespace labelbeam
