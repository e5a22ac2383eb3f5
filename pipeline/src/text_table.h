#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// Columns for a terminal: the first one to the left, the others to the right, two spaces between.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) : rows_{std::move(header)} {}

  /// Cells become `one_line`.
  void add(std::vector<std::string> row);
  /// With a line feed after every row, the header included.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// The text with spaces in place of control characters, such as the line breaks of odd label names.
std::string one_line(std::string text);
/// 6,838: in no locale.
std::string grouped(std::uint64_t number);
/// "1 row", "1,352 rows".
std::string counted(std::uint64_t number, const char* one, const char* many);
/// 1,352.8: one decimal.
std::string tenths(double count);
/// Four decimals; "inf" where infinite, "-" for NaN.
std::string decimal(double value);

}  // namespace labelbeam::pipeline
