#include <fmt/format.h>
#include <labelbeam/decoders/thresholding.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace labelbeam::decoders {

LabelSet apply_thresholds(std::span<const double> scores, const Thresholds& thresholds) {
  if (scores.size() != thresholds.values.size()) {
    throw std::invalid_argument(fmt::format("apply_thresholds: {} scores, but {} thresholds",
                                            scores.size(), thresholds.values.size()));
  }
  std::vector<LabelId> labels;
  for (LabelId label = 0; label < scores.size(); ++label) {
    if (std::isnan(scores[label])) {
      throw std::invalid_argument(
          fmt::format("apply_thresholds: the score of label {} is nan", label));
    }
    if (scores[label] >= thresholds.values[label]) labels.push_back(label);
  }
  if (labels.empty() && thresholds.top1_if_empty && !scores.empty()) {
    labels.push_back(
        static_cast<LabelId>(std::max_element(scores.begin(), scores.end()) - scores.begin()));
  }
  return LabelSet(labels);
}

}  // namespace labelbeam::decoders
