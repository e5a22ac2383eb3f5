#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/eval/protocol.h>
#include <labelbeam/pipeline/threshold_strategies.h>
#include <labelbeam/score_matrix.h>

#include <cstddef>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// The scores of one model and the truth, both for the labels that it knows, by part of the data.
/// Views: what they refer to must outlive them.
struct ScoredParts {
  const ScoreMatrix& train;
  const eval::TrainTruth& train_truth;
  const ScoreMatrix& valid;
  const eval::ValidTruth& valid_truth;
  const ScoreMatrix& test;
  const eval::TestTruth& test_truth;
};

/// Judges threshold strategies on one model's scores by several protocols.
class StrategyJudge {
 public:
  /// Judges the system's run number `seed_index` of `num_seeds`.
  StrategyJudge(std::string system, std::size_t seed_index, std::size_t num_seeds,
                const ScoredParts& parts, bool top1_if_empty);

  /// Adds to the outcome of the system and strategy, which is made with the first seed.
  /// `on_valid`: what the strategy chose on valid.
  void judge(const ThresholdStrategy& strategy, const TunedStrategy& on_valid,
             std::vector<eval::StrategyOutcome>& outcomes) const;

 private:
  std::string system_;
  bool is_first_;
  double share_;  // of a seed in the means
  ScoredParts parts_;
  bool top1_if_empty_;
  ScoreMatrix fitted_and_valid_;             // train, then valid
  eval::TrainTruth fitted_and_valid_truth_;  // holds rows of train, so it is no validation data
};

}  // namespace labelbeam::pipeline
