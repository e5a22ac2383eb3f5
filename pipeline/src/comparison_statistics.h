#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/eval/dependence.h>
#include <labelbeam/eval/set_nll_gains.h>
#include <labelbeam/label_vocab.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/pipeline/train_run.h>
#include <labelbeam/score_matrix.h>

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace labelbeam::pipeline {

/// Keeps of every seed of a comparison what its statistics need: the answers of every row of the
/// table, set NLL a row, and the sums of what label sets say beyond single labels.
class StatisticsCollector {
 public:
  /// `truth`: [n] label sets of test, of `num_labels` labels; `known`: [n] whether the models know
  /// all labels of a row, which set NLL needs; `support`: the label sets of train.
  StatisticsCollector(std::vector<LabelSet> truth, std::size_t num_labels, std::vector<bool> known,
                      std::unordered_set<LabelSet> support);

  /// The answers of the next seed of a row of the table: [n].
  void add_answers(const std::string& system, const std::string& decision,
                   const std::string& target, std::vector<LabelSet> answers);
  /// -log p(set | x) of the next seed of a system: [n] nats.
  void add_set_nll(const std::string& system, std::vector<double> nll);
  /// The next seed of a system that models label sets: its distributions [n] and its marginals
  /// [n, L]. `empty_set`: whether its answers may be empty.
  void add_distributions(const std::string& system, std::span<const DocumentDistribution> documents,
                         const ScoreMatrix& marginals, EmptySet empty_set);

  /// Fills `statistics`, `set_nll_gains` and `dependence` of a report whose results are complete,
  /// with `baseline`, if it is one of its systems, as the independent one.
  void finish(eval::ComparisonReport& report, const std::string& baseline, const LabelVocab& labels,
              const RunHooks& hooks) const;

 private:
  struct Product {
    std::vector<double> nll;    // [n] under the product of the marginals
    std::vector<bool> clipped;  // [n]
  };

  eval::DependenceSummary summarise(const std::string& system, const std::string& baseline,
                                    const LabelVocab& labels) const;
  eval::SetNllGains measure_gains(const std::vector<eval::SystemSummary>& systems,
                                  const eval::ResamplingOptions& options) const;

  std::vector<LabelSet> truth_;
  std::size_t num_labels_;
  std::vector<bool> known_;
  std::unordered_set<LabelSet> support_;
  // By system, decision and target: [seeds][n].
  std::map<std::vector<std::string>, std::vector<std::vector<LabelSet>>> answers_;
  std::map<std::string, std::vector<std::vector<double>>> nll_;  // by system: [seeds][n]
  std::map<std::string, std::vector<Product>> products_;         // by system: [seeds]
  std::map<std::string, eval::DependenceAccumulator> pairs_;     // by system
};

}  // namespace labelbeam::pipeline
