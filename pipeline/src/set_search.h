#pragma once

#include <labelbeam/decoders/constraints.h>
#include <labelbeam/pipeline/predictor.h>
#include <labelbeam/set_distribution.h>
#include <labelbeam/step_model.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace labelbeam::pipeline {

/// Finds the label sets of the documents of a session; `keys`, one a document, seed what is random.
using SetSearch = std::function<std::vector<SetDistribution>(StepModel& model,
                                                             std::span<const std::uint64_t> keys)>;

/// The search that `options` name: the one place where names of searches are bound to them.
///
/// With `certify`, a session in which the search leaves some best set unproven is searched again,
/// best-first for the best set alone, until it is proven or `max_scored` states are scored a
/// document. Throws `std::invalid_argument` for an unknown name, `certify` of samples, and options
/// that the search refuses.
SetSearch make_search(const PredictOptions& options, const SetSemantics& semantics,
                      std::shared_ptr<const decoders::Constraints> constraints);

}  // namespace labelbeam::pipeline
