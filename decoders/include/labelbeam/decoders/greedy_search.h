#pragma once

#include <labelbeam/decoders/constraints.h>
#include <labelbeam/set_distribution.h>
#include <labelbeam/step_model.h>

#include <memory>
#include <vector>

namespace labelbeam::decoders {

struct GreedyOptions {
  /// What answers must satisfy; null: nothing.
  std::shared_ptr<const Constraints> constraints = nullptr;
};

/// Takes the most probable admissible token at every step until that token is END.
///
/// Ties go to the lowest id, so that a label wins over END. A prefix of D labels can only be
/// closed: its set keeps its true probability, with p(END | prefix) < 1, and the document is
/// reported as `truncated` where more labels could have come.
class GreedySearch {
 public:
  explicit GreedySearch(const GreedyOptions& options = {}) : options_(options) {}

  /// One distribution a document: [B]. `sets` holds the greedy answer alone, or nothing where every
  /// admissible logit of a step is -inf (residual 1), END is impossible after D labels, or the path
  /// meets a dead end of the constraints (a predicate, or D below what they need).
  /// `marginals` come from the prefixes on the path, as in `BeamSearch`.
  ///
  /// Throws `std::invalid_argument` for a NaN or +inf logit at an admissible token, naming the
  /// document. Every state is released, also then. The result of a document does not depend on the
  /// documents beside it.
  std::vector<SetDistribution> search(StepModel& model) const;

 private:
  GreedyOptions options_;
};

}  // namespace labelbeam::decoders
