#include <labelbeam/label_ranking.h>

#include <algorithm>
#include <numeric>

namespace labelbeam {

LabelId best_label(std::span<const double> scores) {
  return static_cast<LabelId>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

std::vector<LabelId> ranked_labels(std::span<const double> scores) {
  std::vector<LabelId> labels(scores.size());
  std::iota(labels.begin(), labels.end(), LabelId{0});
  std::sort(labels.begin(), labels.end(), [&](LabelId a, LabelId b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  return labels;
}

LabelSet labels_above(std::span<const double> scores, const Thresholds& thresholds) {
  std::vector<LabelId> labels;
  for (LabelId label = 0; label < scores.size(); ++label) {
    if (scores[label] >= thresholds.values[label]) labels.push_back(label);
  }
  if (labels.empty() && thresholds.top1_if_empty && !scores.empty()) {
    labels.push_back(best_label(scores));
  }
  return LabelSet(labels);
}

}  // namespace labelbeam
