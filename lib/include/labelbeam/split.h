#pragma once

#include <labelbeam/dataset.h>

#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam {

/// How rows are shared out. Rows of one group never part, whatever the method.
enum class SplitMethod {
  hash,              ///< by a hash of the group, or of the id: adding rows moves no other row
  stratified,        ///< every part gets its share of each label (Sechidis et al. 2011)
  stratified_pairs,  ///< ... and of each pair of labels (Szymanski and Kajdanowicz 2017)
};

/// The part of each row: [n], 0 <= part < P. `shares`: [P], at least 0, their sum is 1.
///
/// `hash` meets the shares in expectation only, and a part of a small data set can be empty.
///
/// The others are iterative stratification: Sechidis, Tsoumakas and Vlahavas, "On the
/// stratification of multi-label data", 2011, and for pairs its second order, Szymanski and
/// Kajdanowicz, "A network perspective on stratification of multi-label data", 2017. The label (or
/// pair) that the fewest unassigned rows have comes next; each of its rows goes to the part that
/// lacks most of it, of several to the one that lacks most rows, of several to any. Rows without
/// labels, known or not, come last and fill up. A group moves as a whole, large ones first. The
/// order of the rows does not matter as long as those without a group have distinct ids; adding a
/// row can move every other. Time and memory are linear in the labels (pairs) of all rows times a
/// logarithm, plus n x P.
///
/// Throws `std::invalid_argument` unless there are shares as above.
std::vector<std::size_t> assign_parts(const Dataset& data, std::span<const double> shares,
                                      SplitMethod method, std::uint64_t seed = 0);

/// The fold of each row: [n], below `num_folds`, as parts of equal shares. Throws
/// `std::invalid_argument` unless `num_folds` is 2 to the number of groups (a row without a group
/// is one on its own).
std::vector<std::size_t> assign_folds(const Dataset& data, std::size_t num_folds,
                                      SplitMethod method, std::uint64_t seed = 0);

/// Three parts of a data set with one vocabulary; rows keep their order.
struct SplitDataset {
  Dataset train;
  Dataset valid;
  Dataset test;
};

/// The rows as their parts say: 0 is train, 1 valid and 2 test. `parts`: [n]. Throws
/// `std::invalid_argument` for another number of rows or another part.
SplitDataset take_parts(const Dataset& data, std::span<const std::size_t> parts);

/// Parts for `take_parts` that test on one fold: that fold is test, the next one (after the last,
/// the first) valid, the others train. `folds`: [n]. Throws `std::invalid_argument` unless there
/// are at least 3 folds, and `test_fold` and those of all rows are below `num_folds`.
std::vector<std::size_t> rotate_folds(std::span<const std::size_t> folds, std::size_t num_folds,
                                      std::size_t test_fold);

/// How `split_by_group` shares rows out.
struct SplitOptions {
  double train = 0.8;      ///< share, at least 0; the three sum to 1
  double valid = 0.1;      ///< share, at least 0
  double test = 0.1;       ///< share, at least 0
  std::uint64_t seed = 0;  ///< another seed, another split
  SplitMethod method = SplitMethod::hash;
};

/// Shares rows out to train, valid and test. Throws as `assign_parts` does.
SplitDataset split_by_group(const Dataset& data, const SplitOptions& options = {});

}  // namespace labelbeam
