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
#include "listed_distribution.h"
#include "row_ids.h"
#include "text_table.h"

namespace labelbeam::pipeline {
namespace {

constexpr double kWeaker = 0.5;  // of the truth's phi, from where on a pair counts as missed

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

eval::PairFate fate_of(const eval::ComparedPair& pair, bool in_truth, bool in_system) {
  if (!in_truth) return eval::PairFate::invented;
  const bool is_weaker = std::abs(pair.system_phi) < kWeaker * std::abs(pair.truth_phi);
  return !in_system || is_weaker ? eval::PairFate::missed : eval::PairFate::kept;
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
  const Signs system_signs = signs_of(LabelGraph(answers, options));

  eval::GraphComparison comparison;
  comparison.system = system;
  comparison.rows = static_cast<std::uint64_t>(truth.total());
  comparison.labels = names.names();
  comparison.label_counts = truth.label_counts();
  comparison.communities = find_communities(names.size(), truth_graph.attractions());
  comparison.truth_pairs = truth_signs.size();
  comparison.system_pairs = system_signs.size();

  Agreement phi, npmi;
  for (LabelId first = 0; first < names.size(); ++first) {
    for (LabelId second = first + 1; second < names.size(); ++second) {
      const auto in_truth = truth_signs.find({first, second});
      const auto in_system = system_signs.find({first, second});
      const bool is_known = truth.count(first) > 0.0 && truth.count(second) > 0.0;
      if (!is_known && in_system == system_signs.end()) continue;
      const PairTable true_table = truth.table(first, second);
      const PairTable system_table = answers.table(first, second);
      eval::ComparedPair pair;
      pair.first = first;
      pair.second = second;
      pair.truth_phi = pair_measure(PairMeasure::phi, true_table);
      pair.system_phi = pair_measure(PairMeasure::phi, system_table);
      if (is_known) phi.add(pair.truth_phi, pair.system_phi);
      if (in_truth == truth_signs.end() && in_system == system_signs.end()) continue;
      pair.truth_npmi = pair_measure(PairMeasure::npmi, true_table);
      pair.system_npmi = pair_measure(PairMeasure::npmi, system_table);
      npmi.add(pair.truth_npmi, pair.system_npmi);
      // A dependence of the other sign is not that of the truth.
      const bool agrees = in_system != system_signs.end() &&
                          (in_truth == truth_signs.end() || in_truth->second == in_system->second);
      pair.fate = fate_of(pair, in_truth != truth_signs.end(), agrees);
      comparison.pairs.push_back(pair);
    }
  }
  comparison.phi_correlation = phi.correlation();
  comparison.phi_difference = phi.difference();
  comparison.npmi_difference = npmi.difference();
  std::stable_sort(comparison.pairs.begin(), comparison.pairs.end(),
                   [](const eval::ComparedPair& a, const eval::ComparedPair& b) {
                     return std::abs(a.truth_phi - a.system_phi) >
                            std::abs(b.truth_phi - b.system_phi);
                   });
  return comparison;
}

eval::GraphComparison compare_graphs(const std::string& system, const LabelVocab& names,
                                     const LabelCounts& truth,
                                     std::span<const SetDistribution> distributions,
                                     const LabelGraphOptions& options) {
  eval::GraphComparison comparison =
      compare_graphs(system, names, truth, count_labels(distributions, names.size()), options);
  double found = 0.0;
  for (const SetDistribution& distribution : distributions) {
    found += found_mass(distribution.sets);
  }
  comparison.counted = eval::CountedSets::distributions;
  comparison.found_mass = found / static_cast<double>(distributions.size());
  return comparison;
}

eval::GraphComparison compare_graphs(const std::string& truth_path,
                                     const std::string& predictions_file, const ReadOptions& read,
                                     const LabelGraphOptions& options, eval::CountedSets counted) {
  const bool is_expected = counted == eval::CountedSets::distributions;
  std::error_code ignored;
  const std::string file = std::filesystem::is_directory(truth_path, ignored)
                               ? find_split(truth_path, "test")
                               : truth_path;
  const Dataset truth = read_dataset(file, read);
  require_labels(truth, file);
  LabelVocab names = truth.labels;
  std::vector<LabelSet> true_sets, answers;
  std::vector<SetDistribution> distributions;
  RowIds ids(truth, file);
  PredictionReader reader(predictions_file);
  Prediction prediction;
  while (reader.next(prediction)) {
    const std::optional<std::size_t> row = ids.take(prediction.id);
    if (is_expected) {
      require_sets(prediction, predictions_file, reader.line_number(), kCountsNeedSets);
    } else if (!prediction.decided) {
      throw DataError(predictions_file, reader.line_number(),
                      "has no labels: " + hint_to_decide(prediction));
    }
    if (!row || !truth.rows[*row].labelled) continue;
    true_sets.push_back(truth.rows[*row].labels);
    if (is_expected) {
      distributions.push_back(add_listed_distribution(prediction, names));
    } else {
      answers.push_back(add_label_set(prediction.labels, names));
    }
  }
  ids.refuse_unmatched(predictions_file);
  const std::string system = std::filesystem::path(predictions_file).filename().string();
  const LabelCounts true_counts = count_labels(true_sets, names.size());
  if (is_expected) return compare_graphs(system, names, true_counts, distributions, options);
  return compare_graphs(system, names, true_counts, count_labels(answers, names.size()), options);
}

std::string to_text(const eval::GraphComparison& comparison, std::size_t top) {
  using eval::PairFate;
  const bool is_expected = comparison.counted == eval::CountedSets::distributions;
  std::string text = fmt::format(
      "{}, {} rows: {} pairs of labels depend on each other in the truth, {} in the {}; {} kept, "
      "{} missed, {} invented\n"
      "phi over all pairs: correlation {}, mean difference {}; NPMI over those pairs: mean "
      "difference {}\n",
      one_line(comparison.system), grouped(comparison.rows), grouped(comparison.truth_pairs),
      grouped(comparison.system_pairs), is_expected ? "expected counts" : "answers",
      grouped(count_pairs(comparison, PairFate::kept)),
      grouped(count_pairs(comparison, PairFate::missed)),
      grouped(count_pairs(comparison, PairFate::invented)), decimal(comparison.phi_correlation),
      decimal(comparison.phi_difference), decimal(comparison.npmi_difference));
  if (comparison.found_mass) {
    text += fmt::format("sets found: {} of the probability, a mean over rows\n",
                        decimal(*comparison.found_mass));
  }
  const std::string column = is_expected ? "expected" : "answers";
  for (const auto& [fate, title] :
       {std::pair(PairFate::missed, "missed"), std::pair(PairFate::invented, "invented")}) {
    TextTable table({title, "phi, truth", "phi, " + column, "NPMI, truth", "NPMI, " + column});
    std::size_t shown = 0;
    for (const eval::ComparedPair& pair : comparison.pairs) {
      if (pair.fate != fate || (top > 0 && shown == top)) continue;
      ++shown;
      table.add(
          {fmt::format("{}, {}", comparison.labels[pair.first], comparison.labels[pair.second]),
           decimal(pair.truth_phi), decimal(pair.system_phi), decimal(pair.truth_npmi),
           decimal(pair.system_npmi)});
    }
    if (shown > 0) text += '\n' + table.text();
  }
  return text;
}

}  // namespace labelbeam::pipeline
