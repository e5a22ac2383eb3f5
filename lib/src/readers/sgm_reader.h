#pragma once

#include <labelbeam/input_file.h>
#include <labelbeam/readers/row_reader.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace labelbeam {

/// The names of a pair of files: texts, and labels.
inline constexpr std::string_view kSgmTexts = ".src";
inline constexpr std::string_view kSgmLabels = ".tgt";

/// The file of the labels beside that of the texts, compressed or not; whether it is there or not.
/// Throws `DataError` where `path` is no NAME.src.
std::string find_sgm_labels(const std::string& path);

/// Rows of two parallel files (Yang et al. 2018, "SGM: Sequence Generation Model for Multi-label
/// Classification"): line i of NAME.src is a text, line i of NAME.tgt its labels, separated by
/// spaces. An empty line is a row.
class SgmReader : public RowReader {
 public:
  /// `path`: the file of the texts; that of the labels stands beside it, compressed or not.
  explicit SgmReader(const std::string& path);

  bool next(Row& row) override;
  const std::string& name() const override { return texts_.name(); }
  const std::vector<std::string>& header_labels() const override { return header_labels_; }

 private:
  LineReader texts_;
  LineReader labels_;
  std::string line_;
  std::string labels_line_;
  std::vector<std::string> header_labels_;
};

}  // namespace labelbeam
