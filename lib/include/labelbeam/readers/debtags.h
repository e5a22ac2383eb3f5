#pragma once

#include <labelbeam/dataset.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace labelbeam {

/// What of Debian's package lists becomes a data set.
struct DebtagsOptions {
  /// Lists to read: Packages and Translation-en files, compressed or not.
  std::vector<std::string> list_files = {};
  /// Folders whose *_Packages and *_Translation-en files are read as well. A private folder that
  /// apt-get filled may stand beside the machine's own; one that is not there is left out.
  std::vector<std::string> list_folders = {"/var/lib/apt/lists"};
  /// Facets (what stands before "::") whose tags are labels; nullopt: all but "special".
  std::optional<std::vector<std::string>> facets = std::nullopt;
  /// Tags on fewer packages are dropped; nullopt: 100 where 25,000 packages have tags, and in
  /// proportion, but at least 2, where fewer have.
  std::optional<std::size_t> min_label_count = std::nullopt;
};

/// What was read and what became of it, for people.
struct DebtagsSummary {
  std::size_t lists = 0;              ///< files read
  std::size_t packages = 0;           ///< distinct names
  std::size_t tagged = 0;             ///< of them with a tag of a kept facet
  std::size_t kept = 0;               ///< of them with a tag that is frequent enough
  std::size_t labels = 0;             ///< L
  std::size_t min_label_count = 0;    ///< the one used
  std::size_t long_descriptions = 0;  ///< of `kept` with a long description
};

/// A data set of package descriptions and their tags.
struct DebtagsImport {
  Dataset train;
  Dataset valid;
  Dataset test;
  DebtagsSummary summary;
};

/// Makes a data set from the package lists that apt keeps.
///
/// Text: short and long description joined by a space, white space folded. Labels: tags
/// (`facet::tag`), without those that end in "::TODO". Packages without a frequent tag are left
/// out. `Example::id` is the package, `Example::group` its source package.
///
/// The split is by source package, so that packages built from one source, which share their text,
/// never straddle it: `stable_hash(source) % 10` is 0 for test, 1 for valid, else train. Rows are
/// sorted by package and labels by name; neither depends on the order of the lists. A package that
/// is in several lists counts once: the stanza with the most tags, ties by the greatest version and
/// text, compared as strings.
///
/// Throws `MissingFileError` where there is no Packages file, `DataError` for a malformed stanza
/// and where no package has a tag.
DebtagsImport import_debtags(const DebtagsOptions& options = {});

}  // namespace labelbeam
