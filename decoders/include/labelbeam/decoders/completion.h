#pragma once

#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/decision.h>
#include <labelbeam/set_distribution.h>
#include <labelbeam/step_model.h>

#include <functional>
#include <vector>

namespace labelbeam::decoders {

/// What is known of the labels of one document, such as what a person has confirmed.
struct Known {
  LabelSet present = {};
  LabelSet absent = {};

  bool operator==(const Known&) const = default;
};

/// p(rest | known, x): the most probable sets that hold what is present and nothing that is absent.
///
/// A beam search of a model of one document, under `options.constraints` and what is known. The
/// sets keep their log p(set | x), whose ranking is exact under a fixed order for a beam that is
/// wide enough (`certified`); p(set | known, x) divides it by `SetDistribution::valid`, an interval
/// that holds p(known and valid | x) and is a point where every agreeing set was enumerated.
///
/// Throws `std::invalid_argument` for more or fewer documents than one, constraints that
/// renormalise, a label >= L, and where no set agrees with what is known and the constraints, with
/// the chain of rules that conflict.
SetDistribution complete(StepModel& model, const Known& known, const BeamOptions& options = {});

/// A distribution once more is known, without asking the model: its sets that agree.
///
/// Weights are renormalised (Bayes); marginals and `valid` are those of the sets, with the residual
/// for unseen sets that may agree or not. `sets` is empty where none agrees. Throws
/// `std::invalid_argument` for a label that is both present and absent, or not below L (the number
/// of marginals).
SetDistribution condition(const SetDistribution& distribution, const Known& known);

/// The answer of a rule of decision.h, for the utility that answers are used for.
using DecisionRule = std::function<Decision(const SetDistribution&)>;

/// What it is worth to ask whether a document has a label.
struct LabelQuestion {
  LabelId label = 0;
  double prob = 0.0;  ///< that it has, by the weights
  double gain = 0.0;  ///< expected value of the answer

  bool operator==(const LabelQuestion&) const = default;
};

/// The labels to ask a person about, the most useful first; ties by id.
///
/// gain(l) = p(l) max_Z E[u(Y, Z) | l] + (1 - p(l)) max_Z E[u(Y, Z) | not l] - max_Z E[u(Y, Z)],
/// the expected value of perfect information about l (Howard, "Information value theory", 1966),
/// over the weights of the sets; the maxima are what `rule` expects of its answer. Labels that all
/// sets hold or none does are left out: what is known already is never asked. Two calls of `rule` a
/// label.
std::vector<LabelQuestion> rank_questions(const SetDistribution& distribution,
                                          const DecisionRule& rule);

}  // namespace labelbeam::decoders
