#pragma once

#include <labelbeam/readers/row_reader.h>

#include <string>
#include <vector>

#include "readers/delimited_reader.h"

namespace labelbeam {

/// Whether a header is that of the SemEval 2018 emotion classification files (Mohammad et al. 2018,
/// "SemEval-2018 Task 1: Affect in Tweets", subtask E-c).
bool is_semeval_header(const std::vector<std::string>& header);

/// Rows of such a file: ID, Tweet, then a 0/1 column a label.
class SemevalReader : public RowReader {
 public:
  /// `header`: the file's first record.
  SemevalReader(RecordReader records, std::vector<std::string> header);

  bool next(Row& row) override;
  const std::string& name() const override { return records_.name(); }
  const std::vector<std::string>& header_labels() const override { return labels_; }

 private:
  RecordReader records_;
  std::vector<std::string> labels_;
  std::vector<std::string> fields_;
};

}  // namespace labelbeam
