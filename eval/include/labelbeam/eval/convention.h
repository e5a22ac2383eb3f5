#pragma once

#include <string>
#include <string_view>

namespace labelbeam::eval {

enum class MetricKind;

/// The tools whose definitions of a metric's special cases are offered.
enum class Tool {
  sklearn,  ///< scikit-learn 1.3 and later
  mulan,    ///< Mulan (Tsoumakas et al. 2011)
  meka,     ///< MEKA (Read et al. 2016)
  pyramid,  ///< Pyramid (Li et al. 2016)
  boomer,   ///< BOOMER (Rapp et al. 2020)
  xmc,      ///< the scripts of the extreme classification repository (Bhatia et al. 2016)
  semeval,  ///< the scorer of SemEval-2018 task 1 E-c (Mohammad et al. 2018)
};

/// What a metric's special cases count as. The same name moves by many points between tools, so
/// that every result carries the name of its convention.
///
/// | 0/0 of a row, a label or everything      | sklearn | mulan | meka | pyramid, boomer |
/// |------------------------------------------|---------|-------|------|-----------------|
/// | T = P = empty: precision, recall, F-beta | zd      | 1     | 0    | 1               |
/// | T = P = empty: Jaccard                   | zd      | 1     | 1    | 1               |
/// | only P empty: precision                  | zd      | 0     | 0    | 1               |
/// | only T empty: recall                     | zd      | 0     | 0    | 1               |
///
/// F-beta and Jaccard are 0 where only one of T and P is empty. `xmc` and `semeval` are `sklearn`
/// with zd = 0, but for the Jaccard index of `semeval`, where T = P = empty counts 1. What the
/// tools differ in for rankings is said at `RankingAccumulator`.
struct Convention {
  /// zd: of `sklearn`, 0 or 1. Of the other tools it is what their F-beta of T = P = empty is.
  double zero_division = 0.0;
  Tool tool = Tool::sklearn;

  /// Throws `std::invalid_argument` unless `zero_division` is 0 or 1.
  static Convention sklearn(double zero_division = 0.0);
  static Convention mulan() { return {1.0, Tool::mulan}; }
  static Convention meka() { return {0.0, Tool::meka}; }
  static Convention pyramid() { return {1.0, Tool::pyramid}; }
  static Convention boomer() { return {1.0, Tool::boomer}; }
  static Convention xmc() { return {0.0, Tool::xmc}; }
  static Convention semeval() { return {0.0, Tool::semeval}; }
  /// Reads what `name` gives, and `sklearn`. Throws `std::invalid_argument` for anything else.
  static Convention parse(std::string_view name);

  /// For example "sklearn(zero_division=0)" or "mulan".
  std::string name() const;
  /// What 0/0 of a ratio is; `both_empty`: neither truth nor prediction has anything.
  double zero_over_zero(MetricKind kind, bool both_empty) const;

  bool operator==(const Convention&) const = default;
};

}  // namespace labelbeam::eval
