#include <fmt/format.h>
#include <labelbeam/eval/set_figures.h>

#include <cmath>
#include <stdexcept>

#include "confusion.h"
#include "score_checks.h"

namespace labelbeam::eval {
namespace {

NamedValue share(const char* name, const Confusion& counts, MetricKind kind,
                 const Convention& convention) {
  const UnitValue value = ratio_value({kind, Average::micro, 1.0}, counts, convention);
  return {name, value.value, value.undefined ? std::uint64_t{1} : 0, convention.name()};
}

}  // namespace

std::vector<NamedValue> set_figures(const MetricAccumulator& rows) {
  ExactSum all, wrong, error, bias, empty_truth, empty_prediction, empty_both;
  for (const RowGroup& group : rows.row_groups()) {
    const bool no_truth = group.actual == 0;
    const bool no_prediction = group.predicted == 0;
    const double surplus = static_cast<double>(group.predicted) - static_cast<double>(group.actual);
    all.add(group.weight);
    if (group.true_positives != group.predicted || group.true_positives != group.actual) {
      wrong.add(group.weight);
    }
    error.add(group.weight * std::abs(surplus));
    bias.add(group.weight * surplus);
    if (no_truth) empty_truth.add(group.weight);
    if (no_prediction) empty_prediction.add(group.weight);
    if (no_truth && no_prediction) empty_both.add(group.weight);
  }
  const double total = all.value();
  check_total_weight("set_figures", rows.num_rows(), total);
  const Convention& convention = rows.convention();
  const std::string name = convention.name();
  const Confusion empty{empty_both.value(), empty_prediction.value(), empty_truth.value()};
  return {{"zero_one_loss", wrong.value() / total, 0, name},
          {"label_cardinality_error", error.value() / total, 0, name},
          {"label_cardinality_bias", bias.value() / total, 0, name},
          share("empty_set_precision", empty, MetricKind::precision, convention),
          share("empty_set_recall", empty, MetricKind::recall, convention)};
}

UnseenSets::UnseenSets(std::span<const LabelSet> train, const Convention& convention)
    : seen_(train.begin(), train.end()), convention_(convention) {
  check_convention(convention);
}

void UnseenSets::add(const LabelSet& truth, const LabelSet& prediction, double weight) {
  check_weight("UnseenSets", weight);
  ++num_rows_;
  all_.add(weight);
  if (seen_.contains(truth)) return;
  unseen_.add(weight);
  if (truth == prediction) unseen_right_.add(weight);
}

void UnseenSets::merge(const UnseenSets& other) {
  if (convention_ != other.convention_ || seen_ != other.seen_) {
    throw std::invalid_argument(
        "UnseenSets: merging needs the same training sets and the same convention");
  }
  num_rows_ += other.num_rows_;
  all_.add(other.all_);
  unseen_.add(other.unseen_);
  unseen_right_.add(other.unseen_right_);
}

std::vector<NamedValue> UnseenSets::results() const {
  const double total = all_.value();
  check_total_weight("UnseenSets", num_rows_, total);
  const Confusion unseen{unseen_right_.value(), unseen_right_.value(), unseen_.value()};
  return {{"unseen_set_rate", unseen_.value() / total, 0, convention_.name()},
          share("unseen_set_accuracy", unseen, MetricKind::recall, convention_)};
}

}  // namespace labelbeam::eval
