#pragma once

#include <labelbeam/label_set.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace labelbeam {

/// The names of the labels; a name's position is its `LabelId`.
///
/// Names are compared byte for byte (no case folding, no Unicode normalisation).
class LabelVocab {
 public:
  LabelVocab() = default;
  /// Throws `std::invalid_argument` for an empty or repeated name, or one over 4 KiB.
  explicit LabelVocab(std::span<const std::string> names);

  /// The id of `name`, added at the end if it is new. Throws as the constructor does.
  LabelId add(std::string_view name);
  std::optional<LabelId> find(std::string_view name) const;
  /// Throws `std::out_of_range` for an id >= `size()`.
  const std::string& name(LabelId label) const { return names_.at(label); }
  const std::vector<std::string>& names() const { return names_; }
  std::size_t size() const { return names_.size(); }

  bool operator==(const LabelVocab& other) const { return names_ == other.names_; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, LabelId> ids_;
};

}  // namespace labelbeam
