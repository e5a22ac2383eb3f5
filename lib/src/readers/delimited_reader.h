#pragma once

#include <labelbeam/input_file.h>
#include <labelbeam/readers/row_reader.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace labelbeam {

/// How fields stand in a line.
enum class FieldSyntax {
  csv,  ///< commas; quotes as in RFC 4180, so that a record may run over lines
  tsv,  ///< tabs; no quotes
};

/// Records of a delimited file: a record is a list of fields.
class RecordReader {
 public:
  RecordReader(LineReader lines, FieldSyntax syntax) : lines_(std::move(lines)), syntax_(syntax) {}

  /// The next record that is not a blank line; false at the end.
  bool next(std::vector<std::string>& fields);
  /// Where the last record starts.
  std::size_t line() const { return first_line_; }
  const std::string& name() const { return lines_.name(); }

 private:
  bool next_line();
  void parse_csv(std::vector<std::string>& fields);
  void parse_quoted_field(std::size_t& at, std::string& field);

  LineReader lines_;
  FieldSyntax syntax_;
  std::string line_;
  std::size_t first_line_ = 0;
};

/// A 0/1 cell; nullopt for anything else.
std::optional<bool> binary_cell(std::string_view cell);

/// Throws `DataError` where a column name is empty or repeated.
void check_header(const std::vector<std::string>& header, const std::string& file,
                  std::size_t line);

/// Rows of a CSV or TSV file with a header.
class DelimitedReader : public RowReader {
 public:
  /// `header`: the file's first record.
  DelimitedReader(RecordReader records, std::vector<std::string> header, ReadOptions options);

  bool next(Row& row) override;
  const std::string& name() const override { return records_.name(); }
  const std::vector<std::string>& header_labels() const override { return options_.label_columns; }

 private:
  using Column = std::optional<std::size_t>;
  Column find_column(const std::string& name, const std::string& default_name) const;
  void read_labels(Row& row) const;

  RecordReader records_;
  std::vector<std::string> header_;
  ReadOptions options_;
  Column id_, text_, labels_, group_, weight_;
  std::vector<std::size_t> label_columns_;
  std::vector<std::string> fields_;
  std::size_t num_rows_ = 0;
};

}  // namespace labelbeam
