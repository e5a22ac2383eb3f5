#pragma once

#include <labelbeam/decoders/constraints.h>
#include <labelbeam/set_distribution.h>
#include <labelbeam/step_model.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace labelbeam::decoders {

/// The most labels that `ExhaustiveSearch` accepts: 2^15 sets, or 1957 ordered subsets of 6.
inline constexpr std::size_t kMaxExhaustiveFixed = 15;
inline constexpr std::size_t kMaxExhaustiveFree = 6;

struct ExhaustiveOptions {
  /// Most probable sets that are returned; 0: every set of non-zero probability.
  std::size_t num_sets = 0;
  /// What answers must satisfy; null: nothing.
  std::shared_ptr<const Constraints> constraints = nullptr;
};

/// Expands every prefix of up to D labels: exact, and what the other searches are tested against.
///
/// Every `log_prob` is exact. Where D = L the marginals are too; else their `upper` adds the mass
/// lost to D from which the label can still come, and `certified` says that the best set is at
/// least as probable as every prefix of D + 1 labels (fixed order) or all of them together (free
/// order). Memory grows with the documents of a batch times the prefixes of one size.
///
/// Under `ConstraintMeaning::condition` it expands what it would without constraints (but for
/// prefixes above their `max_size`) and keeps the valid sets: it does not rely on their mask.
class ExhaustiveSearch {
 public:
  explicit ExhaustiveSearch(const ExhaustiveOptions& options = {}) : options_(options) {}

  /// One distribution a document: [B]. Throws `std::invalid_argument` for more than
  /// `kMaxExhaustiveFixed` (fixed order) or `kMaxExhaustiveFree` labels (free order), and for a NaN
  /// or +inf logit at an admissible token, naming the document, and for constraints made for other
  /// semantics. Every state is released, also then.
  std::vector<SetDistribution> search(StepModel& model) const;

 private:
  ExhaustiveOptions options_;
};

}  // namespace labelbeam::decoders
