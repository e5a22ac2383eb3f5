#pragma once

#include <labelbeam/eval/comparison.h>

namespace labelbeam::eval::testing {

/// A made-up comparison of sigmoid, decoder and joint with everything that a report can hold: odd
/// label names, missing and undefined values. The same for the same number of labels (at least 4).
ComparisonReport sample_report(std::size_t num_labels);

}  // namespace labelbeam::eval::testing
