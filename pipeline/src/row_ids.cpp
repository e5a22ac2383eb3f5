#include "row_ids.h"

#include <fmt/format.h>
#include <labelbeam/error.h>

#include <utility>

#include "label_names.h"

namespace labelbeam::pipeline {

RowIds::RowIds(const Dataset& truth, std::string truth_file)
    : truth_(truth), truth_file_(std::move(truth_file)), taken_(truth.rows.size()) {
  for (std::size_t i = 0; i < truth.rows.size(); ++i) index_.emplace(truth.rows[i].id, i);
}

std::optional<std::size_t> RowIds::take(const std::string& id) {
  const auto found = index_.find(id);
  if (found == index_.end()) {
    extra_.push_back(id);
    return std::nullopt;
  }
  taken_[found->second] = true;
  return found->second;
}

void RowIds::refuse_unmatched(const std::string& prediction_file) const {
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (!taken_[i] && truth_.rows[i].labelled) missing.push_back(truth_.rows[i].id);
  }
  if (missing.empty() && extra_.empty()) return;
  std::string reason;
  if (!missing.empty()) {
    reason = fmt::format("has no prediction for {} of {} rows of {}: {}", missing.size(),
                         taken_.size(), truth_file_, some_of(missing));
  }
  if (!extra_.empty()) {
    reason += fmt::format("{}has {} ids that {} lacks: {}", reason.empty() ? "" : "; it ",
                          extra_.size(), truth_file_, some_of(extra_));
  }
  throw DataError(prediction_file, 0, reason);
}

}  // namespace labelbeam::pipeline
