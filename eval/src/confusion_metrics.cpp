#include <fmt/format.h>
#include <labelbeam/eval/confusion_metrics.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "confusion.h"
#include "label_mean.h"

namespace labelbeam::eval {
namespace {

double correlation(const LabelConfusion& c) {
  const double rows =
      std::sqrt((c.true_positives + c.false_negatives) * (c.true_negatives + c.false_positives));
  const double columns =
      std::sqrt((c.true_positives + c.false_positives) * (c.true_negatives + c.false_negatives));
  const double value =
      (c.true_positives * c.true_negatives - c.false_positives * c.false_negatives) /
      (rows * columns);
  return std::clamp(value, -1.0, 1.0);
}

struct NamedMember {
  const char* name;
  double ConfusionMetrics::*value;
  bool (*undefined)(const ConfusionMetrics&);
};

bool has_one_class(const ConfusionMetrics& metrics) {
  return metrics.specificity_undefined || metrics.recall_undefined;
}

constexpr NamedMember kMembers[] = {
    {"specificity", &ConfusionMetrics::specificity,
     [](const ConfusionMetrics& metrics) { return metrics.specificity_undefined; }},
    {"balanced_accuracy", &ConfusionMetrics::balanced_accuracy, has_one_class},
    {"g_mean", &ConfusionMetrics::g_mean, has_one_class},
    {"matthews_corrcoef", &ConfusionMetrics::matthews_corrcoef,
     [](const ConfusionMetrics& metrics) { return metrics.correlation_undefined; }},
};

LabelConfusion pool(std::span<const LabelConfusion> labels) {
  ExactSum true_negatives, false_positives, false_negatives, true_positives;
  for (const LabelConfusion& label : labels) {
    true_negatives.add(label.true_negatives);
    false_positives.add(label.false_positives);
    false_negatives.add(label.false_negatives);
    true_positives.add(label.true_positives);
  }
  return {true_negatives.value(), false_positives.value(), false_negatives.value(),
          true_positives.value()};
}

}  // namespace

ConfusionMetrics confusion_metrics(const LabelConfusion& c, const Convention& convention) {
  check_convention(convention);
  const double positives = c.true_positives + c.false_negatives;
  const double negatives = c.true_negatives + c.false_positives;
  if (!(positives + negatives > 0.0)) {
    throw std::invalid_argument("confusion_metrics: there are no rows, or all have weight 0");
  }
  const Metric recall_metric{MetricKind::recall, Average::micro, 1.0};
  const UnitValue recall =
      ratio_value(recall_metric,
                  {c.true_positives, c.true_positives + c.false_positives, positives}, convention);
  const UnitValue specificity =
      ratio_value(recall_metric,
                  {c.true_negatives, c.true_negatives + c.false_negatives, negatives}, convention);
  ConfusionMetrics metrics;
  metrics.specificity = specificity.value;
  metrics.specificity_undefined = specificity.undefined;
  metrics.recall_undefined = recall.undefined;
  metrics.balanced_accuracy = recall.undefined        ? specificity.value
                              : specificity.undefined ? recall.value
                                                      : (recall.value + specificity.value) / 2.0;
  metrics.g_mean = std::sqrt(recall.value * specificity.value);
  metrics.correlation_undefined = positives == 0.0 || negatives == 0.0 ||
                                  c.true_positives + c.false_positives == 0.0 ||
                                  c.true_negatives + c.false_negatives == 0.0;
  metrics.matthews_corrcoef = metrics.correlation_undefined ? 0.0 : correlation(c);
  return metrics;
}

std::vector<NamedValue> confusion_metrics(std::span<const LabelConfusion> labels,
                                          const Convention& convention) {
  if (labels.empty()) throw std::invalid_argument("confusion_metrics: there are no labels");
  const ConfusionMetrics micro = confusion_metrics(pool(labels), convention);
  std::vector<ConfusionMetrics> of_label;
  of_label.reserve(labels.size());
  for (const LabelConfusion& label : labels) {
    of_label.push_back(confusion_metrics(label, convention));
  }
  std::vector<NamedValue> values;
  for (const NamedMember& member : kMembers) {
    LabelMean mean;
    std::uint64_t undefined = 0;
    for (std::size_t l = 0; l < labels.size(); ++l) {
      mean.add(of_label[l].*member.value, labels[l].true_positives + labels[l].false_negatives);
      undefined += member.undefined(of_label[l]) ? 1 : 0;
    }
    const auto add = [&](const char* suffix, double value, std::uint64_t count) {
      values.push_back({fmt::format("{}{}", member.name, suffix), value, count, convention.name()});
    };
    add("_micro", micro.*member.value, member.undefined(micro) ? 1 : 0);
    add("_macro", mean.value(Average::macro), undefined);
    add("_weighted", mean.value(Average::weighted), undefined);
  }
  return values;
}

}  // namespace labelbeam::eval
