#pragma once

#include <labelbeam/dataset.h>

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace labelbeam::pipeline {

/// Finds the row of the truth that a prediction belongs to, and what has no counterpart.
class RowIds {
 public:
  /// `truth` must outlive this object.
  RowIds(const Dataset& truth, std::string truth_file);

  /// The index of the row with this id; none where there is none.
  std::optional<std::size_t> take(const std::string& id);
  /// Throws `DataError` where a labelled row was not taken or an id was not found.
  void refuse_unmatched(const std::string& prediction_file) const;

 private:
  const Dataset& truth_;
  std::string truth_file_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<bool> taken_;
  std::vector<std::string> extra_;
};

}  // namespace labelbeam::pipeline
