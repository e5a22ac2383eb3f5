#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <cstddef>
#include <span>
#include <vector>

/// What the rules for collections share.
namespace labelbeam::decoders {

/// Throws `std::invalid_argument`, naming the label, for a marginal outside [0, 1]. `row`: [L].
void check_marginals(std::span<const double> row);
/// The same of all rows, and for a matrix of the wrong size.
void check_marginals(const ScoreMatrix& marginals);

/// `part` / `whole`; 0/0 = 0.
inline double ratio(double part, double whole) { return whole == 0.0 ? 0.0 : part / whole; }

/// (1 + b^2) TP / (b^2 (TP + FN) + TP + FP); 0/0 = 0.
inline double fbeta_of_counts(double beta_squared, double true_positives, double predicted,
                              double actual) {
  return ratio((1.0 + beta_squared) * true_positives, beta_squared * actual + predicted);
}

/// The labels selected so far, a list a document.
class Answers {
 public:
  explicit Answers(std::size_t num_rows) : labels_(num_rows) {}
  void select(std::size_t row, LabelId label) { labels_[row].push_back(label); }
  std::vector<LabelSet> sets() const;

 private:
  std::vector<std::vector<LabelId>> labels_;
};

/// Indices of the `count` largest values, best first; ties by index.
std::vector<std::size_t> best_indices(std::span<const double> values, std::size_t count);

/// The marginals of one label: [n].
std::vector<double> column(const ScoreMatrix& marginals, std::size_t label);

/// The expected number of documents with each label: [L].
std::vector<double> expected_frequencies(const ScoreMatrix& marginals);

struct Prefix {
  std::size_t length = 0;
  double value = 0.0;
};

/// The shortest best prefix of values in order: `value_of(sum, length)` is to be maximised.
template <typename Value>
Prefix best_prefix(std::span<const double> values, std::span<const std::size_t> order,
                   const Value& value_of) {
  Prefix best{0, value_of(0.0, 0.0)};
  double sum = 0.0;
  for (std::size_t k = 1; k <= order.size(); ++k) {
    sum += values[order[k - 1]];
    const double value = value_of(sum, static_cast<double>(k));
    if (value > best.value) best = {k, value};
  }
  return best;
}

}  // namespace labelbeam::decoders
