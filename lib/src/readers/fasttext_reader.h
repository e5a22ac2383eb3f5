#pragma once

#include <labelbeam/input_file.h>
#include <labelbeam/readers/row_reader.h>

#include <string>
#include <string_view>
#include <vector>

namespace labelbeam {

/// What separates the words of a line for fastText.
inline constexpr std::string_view kWordSpaces = " \t\v\f\r\n";

/// Rows of a fastText file (Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification"):
/// words that start with a prefix are labels, wherever they stand; the rest is the text.
class FasttextReader : public RowReader {
 public:
  FasttextReader(LineReader lines, std::string prefix);

  bool next(Row& row) override;
  const std::string& name() const override { return lines_.name(); }
  const std::vector<std::string>& header_labels() const override { return header_labels_; }

 private:
  LineReader lines_;
  std::string prefix_;
  std::string line_;
  std::size_t num_rows_ = 0;
  std::vector<std::string> header_labels_;
};

/// Throws `std::invalid_argument` for a prefix that is empty or holds a space.
void check_label_prefix(const std::string& prefix);

}  // namespace labelbeam
