#pragma once

#include <labelbeam/input_file.h>
#include <labelbeam/readers/row_reader.h>

namespace labelbeam {

/// Rows as JSON objects, one a line.
class JsonlReader : public RowReader {
 public:
  explicit JsonlReader(LineReader lines) : lines_(std::move(lines)) {}

  bool next(Row& row) override;
  const std::string& name() const override { return lines_.name(); }
  const std::vector<std::string>& header_labels() const override { return header_labels_; }

 private:
  LineReader lines_;
  std::string line_;
  std::size_t num_rows_ = 0;
  std::vector<std::string> header_labels_;
};

}  // namespace labelbeam
