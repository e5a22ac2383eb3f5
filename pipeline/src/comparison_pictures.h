#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/pipeline/comparison_run.h>
#include <labelbeam/readers/dataset_reader.h>

#include <map>
#include <string>
#include <vector>

#include "compared_system.h"

namespace labelbeam::pipeline {

/// A system with the first seed, and its answers on test by `answer_key`.
struct FirstRun {
  SystemRun run;
  std::map<std::string, std::vector<LabelSet>> answers;
};

/// What tells the rows of one system apart.
std::string answer_key(const std::string& decision, const std::string& target);

/// Adds what a reader looks at besides figures: bars by label, curves, sizes of sets, examples.
void add_pictures(eval::ComparisonReport& report, const std::map<std::string, FirstRun>& runs,
                  const DataFolder& data, const ComparisonOptions& options);

}  // namespace labelbeam::pipeline
