#pragma once

#include <labelbeam/eval/threshold_tuning.h>

/// Thresholds from theory, for scores that are probabilities, and thresholds of all labels that are
/// searched for together.
namespace labelbeam::eval {

/// Throws `std::invalid_argument`, naming `who`, unless all scores are in [0, 1].
void check_probabilities(const std::string& who, const ScoreMatrix& scores);

/// Where a probability says that predicting costs less than not predicting: c_fp / (c_fp + c_fn)
/// (Elkan, "The foundations of cost-sensitive learning", IJCAI 2001). Throws
/// `std::invalid_argument` unless both costs are finite and not negative, and one is positive.
double cost_threshold(double false_positive_cost, double false_negative_cost);

/// The highest threshold on probabilities that can be best for F-beta, that of a perfect
/// classifier: 1 / (1 + beta^2), 0.2 for F2. Throws `std::invalid_argument` unless beta is finite
/// and positive.
double largest_f_threshold(double beta);

/// F* / (1 + beta^2), half the optimal F1: the threshold at which F-beta is F*, if the scores are
/// calibrated (Lipton, Elkan and Narayanaswamy, "Optimal thresholding of classifiers to maximize F1
/// measure", ECML 2014). F* is the best F-beta of any threshold on the rows given.
///
/// `f_beta`: macro gives a threshold a label, with the pooled one for labels with too few
/// positives; micro gives one for all. Where no label is ever true nothing is predicted.
/// `options.beta` is unused. O(n L log(n L)). Throws `std::invalid_argument` for another metric,
/// and for scores outside [0, 1].
TunedThresholds tune_half_f(const ScoreMatrix& scores, TuningTruth truth, const Metric& f_beta,
                            const PerLabelOptions& options = {});

/// Cyclic optimisation (Fan and Lin, "A study on threshold selection for multi-label
/// classification", 2007): from the global optimum, each label's threshold in turn is set to its
/// best while the others stay, until a whole round gains nothing. Done without each of the folds in
/// turn; the thresholds are means over those runs. With fewer than 2 folds it runs once, on all
/// rows: then no single threshold of a label with enough positives can be moved to a better value;
/// for macro F-beta those thresholds are the optimum, for micro F-beta a local one.
///
/// `f_beta`: micro or macro; `options.beta` is unused. Labels with too few positives keep the
/// threshold that is best for micro F-beta over all labels, which may be worse for macro F-beta
/// than the global one. `validation` is the metric; the search does not see `top1_if_empty`. O(K n
/// L (log(n L) + rounds)).
TunedThresholds tune_cyclic(const ScoreMatrix& scores, TuningTruth truth, const Metric& f_beta,
                            const PerLabelOptions& options = {}, const CrossValidation& folds = {});

struct BasinHopping {
  std::size_t hops = 8;          ///< local searches after the first
  std::size_t evaluations = 60;  ///< at most, of each local search
  double step = 0.5;             ///< standard deviation of a hop, in those of a label's scores
  double temperature = 0.01;     ///< a hop that loses this much F-beta is kept with probability 1/e
  double width = 0.1;  ///< of the sigmoid in place of a step, in those of a label's scores
  std::uint64_t seed = 1;
};

/// Thresholds of all labels together, by basin hopping (Wales and Doye 1997) with L-BFGS (NLopt) on
/// F-beta of smoothed answers: sigmoid((score - threshold) / width) in the place of 0 and 1. Of the
/// local optima, and the global threshold that it starts from, the one with the best metric is
/// taken: never worse than the global threshold on the rows given. Heuristic; one seed, one result.
///
/// `f_beta`: micro, macro or samples; `options.beta` is unused. Labels with too few positives, or
/// with one score for all rows, keep the pooled threshold. O(n L (log(n L) + hops * evaluations)).
/// Throws `std::invalid_argument` for another metric, no evaluations, or a step, temperature or
/// width that is not positive and finite.
TunedThresholds tune_smoothed(const ScoreMatrix& scores, TuningTruth truth, const Metric& f_beta,
                              const PerLabelOptions& options = {}, const BasinHopping& search = {});

}  // namespace labelbeam::eval
