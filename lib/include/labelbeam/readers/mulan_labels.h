#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace labelbeam {

/// The labels that an XML file of MULAN names, in its order: a label stands before those nested in
/// it.
struct MulanLabels {
  std::vector<std::string> names;
  /// The position in `names` of the label that each is nested in; nullopt at the top.
  std::vector<std::optional<std::size_t>> parents;
  std::vector<std::size_t> lines;  ///< of the file, from 1
};

/// Reads `<labels><label name="parent"><label name="child"/></label></labels>`.
///
/// Document types, and with them entities of the file's own, are refused, as are other elements,
/// text between elements, nesting beyond 32 levels, a repeated name, and a file without labels:
/// `DataError` with the line.
MulanLabels read_mulan_labels(const std::string& file);

}  // namespace labelbeam
