#pragma once

#include <labelbeam/input_file.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "readers/json_line.h"

namespace labelbeam {

/// One line of an ARFF file, word by word. Spaces and commas separate words; quotes, ' or ", hold
/// everything else together, with a backslash before what stands for itself; % starts a comment.
class ArffLine {
 public:
  struct Word {
    std::string text;
    bool quoted = false;

    bool is_missing() const { return !quoted && text == "?"; }
  };

  ArffLine(std::string_view line, const LinePlace& place) : rest_(line), place_(place) {
    skip_spaces();
  }

  /// Whether nothing but a comment is left.
  bool at_end() const { return rest_.empty() || rest_.front() == '%'; }
  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  /// Steps over `c` and the spaces behind it, if it is there.
  bool skip(char c);
  /// The next word; `what` says what is expected, where there is none.
  Word word(std::string_view what);

 private:
  void skip_spaces();
  void quoted_word(std::string& text);

  std::string_view rest_;
  const LinePlace& place_;
};

struct ArffAttribute {
  enum class Kind { numeric, nominal, string };

  std::string name;
  Kind kind = Kind::numeric;
  /// The values of a nominal attribute, by their place in the declaration.
  std::unordered_map<std::string, std::uint32_t> positions;
  std::size_t line = 0;
};

/// What stands before the rows.
struct ArffHeader {
  std::string relation;
  std::size_t relation_line = 0;
  std::vector<ArffAttribute> attributes;
  std::unordered_map<std::string, std::size_t> positions;  ///< of the attributes, by name
};

/// Reads up to the line @data, which must be there.
ArffHeader read_arff_header(LineReader& lines);

}  // namespace labelbeam
