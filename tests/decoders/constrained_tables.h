#pragma once

#include <labelbeam/decoders/constraints.h>
#include <labelbeam/set_distribution.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "random_constraints.h"
#include "random_tables.h"

namespace labelbeam::test_support {

/// A random model with random satisfiable constraints, at times with a predicate.
struct ConstrainedCase {
  TableModelOptions table;
  std::shared_ptr<const decoders::Constraints> constraints;
  std::vector<LabelBits> valid;  ///< without the predicate
  bool has_predicate = false;

  bool is_valid(const LabelSet& set) const;
};

ConstrainedCase random_constrained_case(std::uint64_t seed, Order order,
                                        decoders::ConstraintMeaning meaning);

/// What is true given that the constraints hold: by filtering the exact sets.
struct ExactGiven {
  std::map<LabelSet, double> sets;
  double valid = 0.0;
  std::vector<double> marginals;
};

ExactGiven exact_given(const TableModel& model, const ConstrainedCase& made);

/// Fails the test unless a search that saw everything says so.
void require_equal(const SetDistribution& found, const ExactGiven& exact);

/// Fails the test unless bounds and certificates of a search that saw a part hold.
void require_sound_given(const SetDistribution& found, const ExactGiven& exact,
                         const ConstrainedCase& made);

/// The sets and marginals of a model of which every step is masked by the enumerated mask and
/// normalised anew, through the model's own logits.
class Renormalised {
 public:
  Renormalised(TableModel& model, const ConstrainedCase& made);

  std::map<LabelSet, double> sets;
  std::vector<double> marginals;

 private:
  void visit(StateId state, const LabelSet& prefix, double mass);

  TableModel& model_;
  const ConstrainedCase& made_;
};

}  // namespace labelbeam::test_support
