#pragma once

#include <labelbeam/input_file.h>
#include <labelbeam/readers/row_reader.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace labelbeam {

/// Beside an XMC file NAME.SUFFIX: the names of its labels, one a line.
inline constexpr std::string_view kLabelNamesSuffix = ".labels.txt";

/// Rows `label,label index:value index:value`, indices ascending; a row without labels starts with
/// a space. Empty lines are none.
class SparseLines {
 public:
  explicit SparseLines(LineReader lines) : lines_(std::move(lines)) {}

  /// The next line that is not empty; false at the end. Checked to be text.
  bool next_line(std::string& line);
  /// The parts of a row; `labels` are those before the first space, as they stand.
  /// `first_index`: that of the first feature, which becomes index 0.
  void parse(std::string_view line, std::uint64_t first_index, std::uint64_t num_features, Row& row,
             std::vector<std::string_view>& labels) const;
  std::size_t line_number() const { return lines_.line_number(); }
  const std::string& name() const { return lines_.name(); }

 private:
  LineReader lines_;
};

/// Rows of a LIBSVM file with several labels a row: label ids, which become names, and features
/// from index 1.
class LibsvmReader : public RowReader {
 public:
  explicit LibsvmReader(LineReader lines) : lines_(std::move(lines)) {}

  bool next(Row& row) override;
  const std::string& name() const override { return lines_.name(); }
  const std::vector<std::string>& header_labels() const override { return header_labels_; }

 private:
  SparseLines lines_;
  std::string line_;
  std::vector<std::string_view> labels_;
  std::size_t num_rows_ = 0;
  std::vector<std::string> header_labels_;
};

/// Rows of a file of the Extreme Classification Repository (Bhatia et al. 2016): a header with the
/// numbers of rows, features and labels, then rows with labels and features from index 0.
class XmcReader : public RowReader {
 public:
  /// `names_file`: the names of the labels, one a line; nullopt: their ids are their names, and the
  /// header, which only counts them, names none.
  XmcReader(LineReader lines, const std::optional<std::string>& names_file);

  bool next(Row& row) override;
  const std::string& name() const override { return lines_.name(); }
  const std::vector<std::string>& header_labels() const override { return names_; }
  std::size_t num_features() const override { return static_cast<std::size_t>(num_features_); }

 private:
  void read_header();
  void read_names(const std::string& file);

  SparseLines lines_;
  std::string line_;
  std::vector<std::string_view> labels_;
  std::uint64_t num_rows_ = 0;
  std::uint64_t num_features_ = 0;
  std::uint64_t num_labels_ = 0;
  std::size_t header_line_ = 0;
  std::uint64_t rows_read_ = 0;
  std::vector<std::string> names_;  // by id; empty where ids are names
};

}  // namespace labelbeam
