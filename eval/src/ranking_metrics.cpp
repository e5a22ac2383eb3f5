#include <fmt/format.h>
#include <labelbeam/eval/ranking_metrics.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "binary_ranking.h"
#include "confusion.h"
#include "cutoffs.h"
#include "label_mean.h"
#include "row_ranking.h"
#include "score_checks.h"

namespace labelbeam::eval {
namespace {

using Ranks = RowRanking::Ranks;

bool has_rules_for_rankings(const Convention& convention) {
  return convention.tool == Tool::mulan || convention.tool == Tool::meka;
}

/// The convention where the tool has a rule of its own, else scikit-learn's.
Convention or_sklearn(const Convention& convention, bool has_rule) {
  return has_rule || convention.tool == Tool::sklearn ? convention : Convention::sklearn();
}

double per(std::size_t hits, std::size_t whole) {
  return static_cast<double>(hits) / static_cast<double>(whole);
}

}  // namespace

RankingAccumulator::RankingAccumulator(std::size_t num_labels, const RankingOptions& options)
    : num_labels_(num_labels), options_(options) {
  check_num_labels("RankingAccumulator", num_labels);
  check_convention(options.convention);
  check_cutoffs("RankingAccumulator", options.cutoffs);
  discounts_ = discount_sums(num_labels);

  const Convention& convention = options.convention;
  const bool is_mulan = convention.tool == Tool::mulan;
  const Convention ranking = or_sklearn(convention, has_rules_for_rankings(convention));
  add_figure("coverage_error", or_sklearn(convention, is_mulan));
  add_figure("label_ranking_average_precision", ranking);
  add_figure("label_ranking_loss", ranking);
  add_figure("one_error", ranking);
  const Convention gains = or_sklearn(convention, convention.tool == Tool::xmc);
  for (const std::size_t k : options.cutoffs) {
    add_figure(fmt::format("precision_at_{}", k), convention);
    add_figure(fmt::format("recall_at_{}", k), convention);
    add_figure(fmt::format("r_precision_at_{}", k), convention);
    add_figure(fmt::format("ndcg_at_{}", k), gains);
  }
  add_figure("ndcg", gains);
  if (!options.areas) return;
  add_figure("roc_auc_samples", or_sklearn(convention, false));
  add_figure("average_precision_samples", or_sklearn(convention, false));
}

void RankingAccumulator::add_figure(std::string name, const Convention& convention) {
  figures_.push_back({std::move(name), convention.name(), {}});
}

void RankingAccumulator::add(const LabelSet& truth, std::span<const double> scores, double weight) {
  check_scored_row("RankingAccumulator", truth, scores, num_labels_, weight);
  ++num_rows_;
  weight_.add(weight);
  const Convention& convention = options_.convention;
  const bool is_mulan = convention.tool == Tool::mulan;
  auto figure = figures_.begin();
  const auto put = [&](double value, bool undefined) {
    (figure++)->mean.add(value, weight, undefined);
  };

  const RowRanking ranking(truth, scores, TieOrder::lowest_label);
  const bool no_truth = truth.empty();
  const bool one_class = ranking.has_one_class();
  RowRanking::Figures row = ranking.figures(Ranks::shared);
  bool top_is_true = ranking.top_is_true();
  if (has_rules_for_rankings(convention)) {
    const RowRanking parted(truth, scores, TieOrder::highest_label);
    const std::size_t coverage = row.coverage;
    row = parted.figures(Ranks::parted);
    if (!is_mulan) row.coverage = coverage;
    if (is_mulan) top_is_true = parted.top_is_true();
  }
  put(static_cast<double>(row.coverage) - (is_mulan && !no_truth ? 1.0 : 0.0), no_truth);
  if (no_truth && is_mulan) {
    (figure++)->mean.skip();
  } else {
    put(one_class ? 1.0 : row.average_precision, one_class);
  }
  put(row.misordered_pairs, one_class);
  put(top_is_true ? 0.0 : 1.0, false);

  const double no_recall = convention.zero_over_zero(MetricKind::recall, false);
  const Ranks gains = convention.tool == Tool::xmc ? Ranks::parted : Ranks::shared;
  for (const std::size_t k : options_.cutoffs) {
    const std::size_t hits = ranking.hits(k);
    put(per(hits, k), false);
    put(no_truth ? no_recall : per(hits, truth.size()), no_truth);
    put(no_truth ? no_recall : per(hits, std::min(k, truth.size())), no_truth);
    put(ranking.ndcg(k, discounts_, gains), no_truth);
  }
  put(ranking.ndcg(num_labels_, discounts_, gains), no_truth);
  if (!options_.areas) return;

  scores_.insert(scores_.end(), scores.begin(), scores.end());
  is_true_.resize(scores_.size());
  const std::size_t row_start = scores_.size() - num_labels_;
  for (const LabelId label : truth) is_true_[row_start + label] = 1;
  weights_.push_back(weight);
  const BinaryRanking areas = ranking.areas();
  put(areas.roc_auc, one_class);
  put(areas.average_precision, no_truth);
}

void RankingAccumulator::merge(const RankingAccumulator& other) {
  if (num_labels_ != other.num_labels_ || options_.cutoffs != other.options_.cutoffs ||
      options_.areas != other.options_.areas || options_.convention != other.options_.convention) {
    throw std::invalid_argument(
        "RankingAccumulator: merging needs the same number of labels and the same options");
  }
  // Merging into itself would walk containers that it changes.
  if (this == &other) return merge(RankingAccumulator(other));
  num_rows_ += other.num_rows_;
  weight_.add(other.weight_);
  for (std::size_t f = 0; f < figures_.size(); ++f) figures_[f].mean.merge(other.figures_[f].mean);
  scores_.insert(scores_.end(), other.scores_.begin(), other.scores_.end());
  is_true_.insert(is_true_.end(), other.is_true_.begin(), other.is_true_.end());
  weights_.insert(weights_.end(), other.weights_.begin(), other.weights_.end());
}

void RankingAccumulator::check_rows() const {
  check_total_weight("RankingAccumulator", num_rows_, weight_.value());
}

std::vector<NamedValue> RankingAccumulator::results() const {
  check_rows();
  std::vector<NamedValue> values;
  for (const Figure& figure : figures_) {
    values.push_back(
        {figure.name, figure.mean.value(), figure.mean.undefined(), figure.convention});
  }
  if (options_.areas) {
    for (NamedValue& value : area_results()) values.push_back(std::move(value));
  }
  return values;
}

namespace {

/// All cells, [n * L], and the weights of their rows, [n].
struct Cells {
  std::size_t num_labels;
  std::span<const double> scores;
  std::span<const unsigned char> is_true;
  std::span<const double> weights;

  bool weighted() const {
    return std::any_of(weights.begin(), weights.end(), [](double w) { return w != 1.0; });
  }
};

/// Scores of one binary ranking, apart by class.
struct ClassScores {
  std::vector<double> positives;
  std::vector<double> negatives;

  void add(double score, bool positive) { (positive ? positives : negatives).push_back(score); }
  BinaryRanking rank() && { return rank_scores(std::move(positives), std::move(negatives)); }
};

BinaryRanking rank_weighted_label(const Cells& cells, std::size_t label) {
  std::vector<ScoredCase> cases;
  cases.reserve(cells.weights.size());
  for (std::size_t i = 0; i < cells.weights.size(); ++i) {
    const std::size_t cell = i * cells.num_labels + label;
    cases.push_back({cells.scores[cell], cells.weights[i], cells.is_true[cell] != 0});
  }
  return rank_cases(std::move(cases));
}

/// ROC AUC and average precision of each label over all rows: [L].
std::vector<BinaryRanking> rank_labels(const Cells& cells) {
  std::vector<BinaryRanking> rankings;
  rankings.reserve(cells.num_labels);
  if (cells.weighted()) {
    for (std::size_t l = 0; l < cells.num_labels; ++l) {
      rankings.push_back(rank_weighted_label(cells, l));
    }
    return rankings;
  }
  // As many labels at a time as share a cache line of the scores.
  constexpr std::size_t kLabelsAtOnce = 8;
  for (std::size_t first = 0; first < cells.num_labels; first += kLabelsAtOnce) {
    const std::size_t labels = std::min(kLabelsAtOnce, cells.num_labels - first);
    std::array<ClassScores, kLabelsAtOnce> scores;
    for (std::size_t row = first; row < cells.scores.size(); row += cells.num_labels) {
      for (std::size_t l = 0; l < labels; ++l) {
        scores[l].add(cells.scores[row + l], cells.is_true[row + l] != 0);
      }
    }
    for (std::size_t l = 0; l < labels; ++l) rankings.push_back(std::move(scores[l]).rank());
  }
  return rankings;
}

BinaryRanking rank_all_cells(const Cells& cells) {
  if (!cells.weighted()) {
    ClassScores scores;
    scores.negatives.reserve(cells.scores.size());
    for (std::size_t cell = 0; cell < cells.scores.size(); ++cell) {
      scores.add(cells.scores[cell], cells.is_true[cell] != 0);
    }
    return std::move(scores).rank();
  }
  std::vector<ScoredCase> cases;
  cases.reserve(cells.scores.size());
  for (std::size_t cell = 0; cell < cells.scores.size(); ++cell) {
    cases.push_back(
        {cells.scores[cell], cells.weights[cell / cells.num_labels], cells.is_true[cell] != 0});
  }
  return rank_cases(std::move(cases));
}

}  // namespace

std::vector<NamedValue> RankingAccumulator::area_results() const {
  LabelMean roc_auc;
  LabelMean average_precision;
  std::uint64_t one_class = 0;
  std::uint64_t never_true = 0;
  const Cells cells{num_labels_, scores_, is_true_, weights_};
  for (const BinaryRanking& label : rank_labels(cells)) {
    roc_auc.add(label.roc_auc, label.positives);
    average_precision.add(label.average_precision, label.positives);
    one_class += label.has_one_class() ? 1 : 0;
    never_true += label.positives == 0.0 ? 1 : 0;
  }
  const BinaryRanking micro = rank_all_cells(cells);
  const std::string name = or_sklearn(options_.convention, false).name();
  return {
      {"roc_auc_micro", micro.roc_auc, micro.has_one_class() ? std::uint64_t{1} : 0, name},
      {"roc_auc_macro", roc_auc.value(Average::macro), one_class, name},
      {"roc_auc_weighted", roc_auc.value(Average::weighted, 0.0), one_class, name},
      {"average_precision_micro", micro.average_precision,
       micro.positives == 0.0 ? std::uint64_t{1} : 0, name},
      {"average_precision_macro", average_precision.value(Average::macro), never_true, name},
      {"average_precision_weighted", average_precision.value(Average::weighted, 0.0), never_true,
       name},
  };
}

std::vector<LabelAreas> RankingAccumulator::label_areas() const {
  check_rows();
  if (!options_.areas) {
    throw std::invalid_argument(
        "RankingAccumulator: the areas of labels need the scores, which were not kept");
  }
  std::vector<LabelAreas> areas;
  for (const BinaryRanking& label : rank_labels({num_labels_, scores_, is_true_, weights_})) {
    areas.push_back(
        {label.roc_auc, label.average_precision, label.has_one_class(), label.positives == 0.0});
  }
  return areas;
}

std::vector<NamedValue> evaluate_ranking(const ScoreMatrix& scores, std::span<const LabelSet> truth,
                                         const RankingOptions& options,
                                         std::span<const double> weights) {
  check_matrix("evaluate_ranking", scores, truth.size(), weights.size());
  RankingAccumulator rows(scores.num_labels, options);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    rows.add(truth[i], scores.row(i), weights.empty() ? 1.0 : weights[i]);
  }
  return rows.results();
}

}  // namespace labelbeam::eval
