#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace labelbeam {

/// A path without its compression suffix and without `suffix`; nullopt where it has no such suffix.
std::optional<std::string> without_suffix(std::string_view path, std::string_view suffix);

/// A path without its compression suffix and without the suffix of its format.
std::string stem_of(std::string_view path);

/// The file NAME`suffix` beside `path`, compressed or not, whose NAME `path`'s name starts with: up
/// to its end, or to one of - _ and a dot. The longest NAME counts: rows-train.arff takes
/// rows-train.xml before rows.xml. nullopt where there is none.
std::optional<std::string> find_companion(const std::string& path, std::string_view suffix);

/// Where `find_companion` finds none: the only file in the folder that ends in `suffix`.
std::optional<std::string> find_only_file(const std::string& path, std::string_view suffix);

}  // namespace labelbeam
