#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/graph/communities.h>
#include <labelbeam/pipeline/comparison_graphs.h>
#include <labelbeam/readers/predictions.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "label_names.h"
#include "row_ids.h"
#include "text_table.h"

namespace labelbeam::pipeline {
namespace {

constexpr double kWeaker = 0.5;  // of the truth's phi, from where on a pair counts as missed

PairTable table_of(const LabelCounts& counts, LabelId first, LabelId second) {
  return {counts.count(first, second), counts.count(first), counts.count(second), counts.total()};
}

using Signs = std::map<std::pair<LabelId, LabelId>, bool>;  // of the edges: positive

Signs signs_of(const LabelGraph& graph) {
  Signs signs;
  for (const LabelEdge& edge : graph.edges()) {
    signs[{edge.first, edge.second}] = edge.is_positive();
  }
  return signs;
}

/// Mean absolute difference and correlation of pairs of numbers, added one by one.
class Agreement {
 public:
  void add(double x, double y) {
    ++n_;
    const double dx = x - mean_x_, dy = y - mean_y_;
    mean_x_ += dx / n_;
    mean_y_ += dy / n_;
    xx_ += dx * (x - mean_x_);
    yy_ += dy * (y - mean_y_);
    xy_ += dx * (y - mean_y_);
    difference_ += std::abs(x - y);
  }
  double difference() const { return n_ > 0.0 ? difference_ / n_ : std::nan(""); }
  double correlation() const {
    return xx_ > 0.0 && yy_ > 0.0 ? xy_ / std::sqrt(xx_ * yy_) : std::nan("");
  }

 private:
  double n_ = 0.0, mean_x_ = 0.0, mean_y_ = 0.0, xx_ = 0.0, yy_ = 0.0, xy_ = 0.0;
  double difference_ = 0.0;
};

eval::PairFate fate_of(const eval::ComparedPair& pair, bool in_truth, bool in_answers) {
  if (!in_truth) return eval::PairFate::invented;
  const bool is_weaker = std::abs(pair.answers_phi) < kWeaker * std::abs(pair.truth_phi);
  return !in_answers || is_weaker ? eval::PairFate::missed : eval::PairFate::kept;
}

}  // namespace

eval::GraphComparison compare_graphs(const std::string& system, const LabelVocab& names,
                                     const LabelCounts& truth, const LabelCounts& answers,
                                     const LabelGraphOptions& options) {
  if (truth.num_labels() != names.size() || answers.num_labels() != names.size()) {
    throw std::invalid_argument(
        fmt::format("compare_graphs: there are {} names, {} labels of the truth and {} of answers",
                    names.size(), truth.num_labels(), answers.num_labels()));
  }
  const LabelGraph truth_graph(truth, options);
  const Signs truth_signs = signs_of(truth_graph);
  const Signs answers_signs = signs_of(LabelGraph(answers, options));

  eval::GraphComparison comparison;
  comparison.system = system;
  comparison.rows = static_cast<std::uint64_t>(truth.total());
  comparison.labels = names.names();
  comparison.label_counts = truth.label_counts();
  comparison.communities = find_communities(names.size(), truth_graph.attractions());
  comparison.truth_pairs = truth_signs.size();
  comparison.answers_pairs = answers_signs.size();

  Agreement phi, npmi;
  for (LabelId first = 0; first < names.size(); ++first) {
    for (LabelId second = first + 1; second < names.size(); ++second) {
      const auto in_truth = truth_signs.find({first, second});
      const auto in_answers = answers_signs.find({first, second});
      const bool is_known = truth.count(first) > 0.0 && truth.count(second) > 0.0;
      if (!is_known && in_answers == answers_signs.end()) continue;
      const PairTable true_table = table_of(truth, first, second);
      const PairTable answers_table = table_of(answers, first, second);
      eval::ComparedPair pair;
      pair.first = first;
      pair.second = second;
      pair.truth_phi = pair_measure(PairMeasure::phi, true_table);
      pair.answers_phi = pair_measure(PairMeasure::phi, answers_table);
      if (is_known) phi.add(pair.truth_phi, pair.answers_phi);
      if (in_truth == truth_signs.end() && in_answers == answers_signs.end()) continue;
      pair.truth_npmi = pair_measure(PairMeasure::npmi, true_table);
      pair.answers_npmi = pair_measure(PairMeasure::npmi, answers_table);
      npmi.add(pair.truth_npmi, pair.answers_npmi);
      // A dependence of the other sign is not that of the truth.
      const bool agrees = in_answers != answers_signs.end() &&
                          (in_truth == truth_signs.end() || in_truth->second == in_answers->second);
      pair.fate = fate_of(pair, in_truth != truth_signs.end(), agrees);
      comparison.pairs.push_back(pair);
    }
  }
  comparison.phi_correlation = phi.correlation();
  comparison.phi_difference = phi.difference();
  comparison.npmi_difference = npmi.difference();
  std::stable_sort(comparison.pairs.begin(), comparison.pairs.end(),
                   [](const eval::ComparedPair& a, const eval::ComparedPair& b) {
                     return std::abs(a.truth_phi - a.answers_phi) >
                            std::abs(b.truth_phi - b.answers_phi);
                   });
  return comparison;
}

eval::GraphComparison compare_graphs(const std::string& truth_path,
                                     const std::string& predictions_file, const ReadOptions& read,
                                     const LabelGraphOptions& options) {
  std::error_code ignored;
  const std::string file = std::filesystem::is_directory(truth_path, ignored)
                               ? find_split(truth_path, "test")
                               : truth_path;
  const Dataset truth = read_dataset(file, read);
  LabelVocab names = truth.labels;
  std::vector<LabelSet> true_sets, answers;
  RowIds ids(truth, file);
  PredictionReader reader(predictions_file);
  Prediction prediction;
  while (reader.next(prediction)) {
    const std::optional<std::size_t> row = ids.take(prediction.id);
    if (!prediction.decided) {
      throw DataError(predictions_file, reader.line_number(),
                      "has no labels: apply a rule or thresholds first (labelbeam decide)");
    }
    if (!row || !truth.rows[*row].labelled) continue;
    true_sets.push_back(truth.rows[*row].labels);
    answers.push_back(add_label_set(prediction.labels, names));
  }
  ids.refuse_unmatched(predictions_file);
  if (true_sets.empty() || names.size() == 0) {
    throw DataError(file, 0, "no row says anything of its labels");
  }
  return compare_graphs(std::filesystem::path(predictions_file).filename().string(), names,
                        count_labels(true_sets, names.size()), count_labels(answers, names.size()),
                        options);
}

std::string to_text(const eval::GraphComparison& comparison, std::size_t top) {
  using eval::PairFate;
  std::string text = fmt::format(
      "{}, {} rows: {} pairs of labels depend on each other in the truth, {} in the answers; {} "
      "kept, {} missed, {} invented\n"
      "phi over all pairs: correlation {}, mean difference {}; NPMI over those pairs: mean "
      "difference {}\n",
      comparison.system, grouped(comparison.rows), grouped(comparison.truth_pairs),
      grouped(comparison.answers_pairs), grouped(count_pairs(comparison, PairFate::kept)),
      grouped(count_pairs(comparison, PairFate::missed)),
      grouped(count_pairs(comparison, PairFate::invented)), decimal(comparison.phi_correlation),
      decimal(comparison.phi_difference), decimal(comparison.npmi_difference));
  for (const auto& [fate, title] :
       {std::pair(PairFate::missed, "missed"), std::pair(PairFate::invented, "invented")}) {
    TextTable table({title, "phi, truth", "phi, answers", "NPMI, truth", "NPMI, answers"});
    std::size_t shown = 0;
    for (const eval::ComparedPair& pair : comparison.pairs) {
      if (pair.fate != fate || (top > 0 && shown == top)) continue;
      ++shown;
      table.add(
          {fmt::format("{}, {}", comparison.labels[pair.first], comparison.labels[pair.second]),
           decimal(pair.truth_phi), decimal(pair.answers_phi), decimal(pair.truth_npmi),
           decimal(pair.answers_npmi)});
    }
    if (shown > 0) text += '\n' + table.text();
  }
  return text;
}

}  // namespace labelbeam::pipeline
