#pragma once

#include <labelbeam/input_file.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace labelbeam {

/// A field of a stanza: its lines joined by line feeds, and where it starts.
struct StanzaField {
  std::string value;
  std::size_t line = 0;
};

/// A paragraph of fields, by name.
struct Stanza {
  std::map<std::string, StanzaField, std::less<>> fields;
  std::size_t line = 0;

  const StanzaField* find(std::string_view name) const;
  /// The value, or nothing.
  std::string_view value(std::string_view name) const;
};

/// Reads the control files of Debian (deb822(5)): stanzas of `Name: value` between blank lines;
/// a line that starts with a space or a tab goes on with the field above it.
class StanzaReader {
 public:
  /// Only `wanted` fields are kept, and only they must be UTF-8. Names ignore case and are given in
  /// lower case.
  StanzaReader(const std::string& path, std::vector<std::string> wanted);

  /// The next stanza; false at the end. A line that is neither, and a wanted field that is
  /// repeated, are `DataError`s.
  bool next(Stanza& stanza);
  const std::string& name() const { return lines_.name(); }

 private:
  void start_field(Stanza& stanza, StanzaField*& field);

  LineReader lines_;
  std::vector<std::string> wanted_;
  std::string line_;
};

}  // namespace labelbeam
