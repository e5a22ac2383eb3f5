#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/error.h>
#include <labelbeam/readers/debtags.h>
#include <labelbeam/stable_hash.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "ascii.h"
#include "readers/file_format.h"
#include "readers/json_line.h"
#include "readers/stanza_reader.h"

namespace labelbeam {
namespace {

namespace fs = std::filesystem;

/// A package as the lists give it.
struct Package {
  std::string source;
  std::string version;
  std::string short_text;
  std::string long_text;
  std::string description_md5;
  std::vector<std::string> tags;  // sorted, each once

  /// Which of two stanzas of one name is kept must not depend on the order of the lists.
  auto key() const {
    return std::tie(version, short_text, long_text, description_md5, source, tags);
  }
};

bool is_better(const Package& a, const Package& b) {
  if (a.tags.size() != b.tags.size()) return a.tags.size() > b.tags.size();
  return a.key() > b.key();
}

struct Lists {
  std::map<std::string, Package> packages;
  std::unordered_map<std::string, std::string> long_texts;  // by Description-md5
};

/// Words separated by single spaces; a line with nothing but a dot separates paragraphs.
std::string folded(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, line_end);
    text.remove_prefix(std::min(line_end + 1, text.size()));
    if (line == ".") continue;
    for (;;) {
      line.remove_prefix(std::min(line.find_first_not_of(kAsciiSpaces), line.size()));
      if (line.empty()) break;
      const std::size_t end = std::min(line.find_first_of(kAsciiSpaces), line.size());
      if (!words.empty()) words += ' ';
      words += line.substr(0, end);
      line.remove_prefix(end);
    }
  }
  return words;
}

/// Splits at commas outside braces.
std::vector<std::string_view> split_tags(std::string_view text, const LinePlace& place) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  bool inside = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '{' && inside) place.fail("a brace is opened inside braces in the field Tag");
    if (c == '}' && !inside) place.fail("a brace is closed that was not opened in the field Tag");
    if (c == '{' || c == '}') inside = c == '{';
    if (i == text.size() && inside) place.fail("a brace is never closed in the field Tag");
    if (c != ',' || inside) continue;
    parts.push_back(trimmed(text.substr(start, i - start)));
    start = i + 1;
  }
  return parts;
}

/// `facet::{a,b}` stands for `facet::a, facet::b`.
void expand_tag(std::string_view part, const LinePlace& place, std::set<std::string>& tags) {
  const std::size_t open = part.find('{');
  if (open == std::string_view::npos) {
    if (part.empty()) place.fail("a tag of the field Tag is empty");
    tags.emplace(part);
    return;
  }
  if (part.back() != '}') place.fail("text follows a closing brace in the field Tag");
  const std::string_view prefix = part.substr(0, open);
  std::string_view inner = part.substr(open + 1, part.size() - open - 2);
  for (;;) {
    const std::size_t comma = std::min(inner.find(','), inner.size());
    const std::string_view name = trimmed(inner.substr(0, comma));
    if (name.empty()) place.fail("a tag between braces of the field Tag is empty");
    tags.insert(fmt::format("{}{}", prefix, name));
    if (comma == inner.size()) return;
    inner.remove_prefix(comma + 1);
  }
}

std::vector<std::string> tags_of(const Stanza& stanza, const std::string& file) {
  const StanzaField* field = stanza.find("tag");
  if (!field || trimmed(field->value).empty()) return {};
  const LinePlace place{file, field->line};
  std::set<std::string> tags;
  for (const std::string_view part : split_tags(field->value, place)) {
    expand_tag(part, place, tags);
  }
  for (const std::string& tag : tags) check_label_name(tag, place);
  return {tags.begin(), tags.end()};
}

/// The field names the source package only where it differs, with a version where that differs.
std::string source_of(const Stanza& stanza, const std::string& package) {
  const std::string_view source = stanza.value("source");
  return source.empty() ? package : std::string(trimmed(source.substr(0, source.find('('))));
}

void read_package(const Stanza& stanza, const std::string& file, Lists& lists) {
  const std::string name(stanza.value("package"));
  Package package;
  package.source = source_of(stanza, name);
  package.version = stanza.value("version");
  package.description_md5 = stanza.value("description-md5");
  package.tags = tags_of(stanza, file);
  const std::string_view description = stanza.value("description");
  const std::size_t first_end = std::min(description.find('\n'), description.size());
  package.short_text = folded(description.substr(0, first_end));
  package.long_text = folded(description.substr(first_end));
  const auto [at, is_new] = lists.packages.emplace(name, package);
  if (!is_new && is_better(package, at->second)) at->second = std::move(package);
}

void read_translation(const Stanza& stanza, const std::string& file, Lists& lists) {
  const std::string_view description = stanza.value("description-en");
  const std::string md5(stanza.value("description-md5"));
  if (md5.empty()) {
    throw DataError(file, stanza.line, "a translation has no field Description-md5");
  }
  const std::size_t first_end = std::min(description.find('\n'), description.size());
  std::string text = folded(description.substr(first_end));
  std::string& known = lists.long_texts[md5];
  if (text > known) known = std::move(text);
}

/// Returns whether the list has packages.
bool read_list(const std::string& path, Lists& lists) {
  StanzaReader reader(path, {"package", "version", "source", "description", "description-md5",
                             "description-en", "tag"});
  bool has_packages = false;
  Stanza stanza;
  while (reader.next(stanza)) {
    if (stanza.value("package").empty()) {
      throw DataError(reader.name(), stanza.line, "a stanza has no field Package");
    }
    if (stanza.find("description-en")) {
      read_translation(stanza, reader.name(), lists);
    } else {
      read_package(stanza, reader.name(), lists);
      has_packages = true;
    }
  }
  return has_packages;
}

bool is_list(std::string_view file_name) {
  const std::string_view name = without_compression(file_name);
  for (const std::string_view kind :
       {std::string_view("Packages"), std::string_view("Translation-en")}) {
    if (name == kind) return true;
    if (name.ends_with(kind) && name[name.size() - kind.size() - 1] == '_') return true;
  }
  return false;
}

std::vector<std::string> files_to_read(const DebtagsOptions& options) {
  std::vector<std::string> files = options.list_files;
  for (const std::string& folder : options.list_folders) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      if (is_list(at->path().filename().string())) files.push_back(at->path().string());
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      throw MissingFileError(folder, "cannot be read as a folder: " + error.message());
    }
  }
  return files;
}

Lists read_lists(const DebtagsOptions& options, DebtagsSummary& summary) {
  const std::vector<std::string> files = files_to_read(options);
  Lists lists;
  bool has_packages = false;
  for (const std::string& file : files) has_packages |= read_list(file, lists);
  if (!has_packages) {
    throw MissingFileError(
        files.empty() ? fmt::format("{}", fmt::join(options.list_folders, ", ")) : files.front(),
        "there is no package list with packages; apt-get update fetches them");
  }
  summary.lists = files.size();
  summary.packages = lists.packages.size();
  return lists;
}

bool is_kept(std::string_view tag, const DebtagsOptions& options) {
  const std::size_t end = tag.find("::");
  if (end == std::string_view::npos || tag.ends_with("::TODO")) return false;
  const std::string_view facet = tag.substr(0, end);
  if (!options.facets) return facet != "special";
  return std::find(options.facets->begin(), options.facets->end(), facet) != options.facets->end();
}

/// 100 of the 30,000 tagged packages of a Debian release.
std::size_t frequency_limit(const DebtagsOptions& options, std::size_t tagged) {
  if (options.min_label_count) return *options.min_label_count;
  return std::clamp<std::size_t>(tagged / 250, 2, 100);
}

/// Drops tags that are not labels and gives the names of the frequent ones, sorted.
std::vector<std::string> frequent_tags(const DebtagsOptions& options, Lists& lists,
                                       DebtagsSummary& summary) {
  std::map<std::string, std::size_t> counts;
  for (auto& [name, package] : lists.packages) {
    std::erase_if(package.tags, [&](const std::string& tag) { return !is_kept(tag, options); });
    summary.tagged += package.tags.empty() ? 0 : 1;
    for (const std::string& tag : package.tags) ++counts[tag];
  }
  summary.min_label_count = frequency_limit(options, summary.tagged);
  std::vector<std::string> names;
  for (const auto& [tag, count] : counts) {
    if (count >= summary.min_label_count) names.push_back(tag);
  }
  return names;
}

const std::string& long_text_of(const Package& package, const Lists& lists) {
  if (!package.long_text.empty()) return package.long_text;
  const auto at = lists.long_texts.find(package.description_md5);
  return at == lists.long_texts.end() ? package.long_text : at->second;
}

Dataset& part_of(const std::string& source, DebtagsImport& result) {
  const std::uint64_t part = stable_hash(source) % 10;
  return part == 0 ? result.test : part == 1 ? result.valid : result.train;
}

}  // namespace

DebtagsImport import_debtags(const DebtagsOptions& options) {
  DebtagsImport result;
  DebtagsSummary& summary = result.summary;
  Lists lists = read_lists(options, summary);
  const LabelVocab labels(frequent_tags(options, lists, summary));
  result.train.labels = result.valid.labels = result.test.labels = labels;
  for (const auto& [name, package] : lists.packages) {
    Example row;
    for (const std::string& tag : package.tags) {
      if (const auto label = labels.find(tag)) row.labels.insert(*label);
    }
    if (row.labels.empty()) continue;
    const std::string& long_text = long_text_of(package, lists);
    summary.long_descriptions += long_text.empty() ? 0 : 1;
    row.id = name;
    row.group = package.source;
    row.text = package.short_text;
    if (!row.text->empty() && !long_text.empty()) *row.text += ' ';
    *row.text += long_text;
    part_of(package.source, result).rows.push_back(std::move(row));
    ++summary.kept;
  }
  summary.labels = labels.size();
  if (summary.kept == 0) {
    throw DataError(
        options.list_files.empty() ? fmt::format("{}", fmt::join(options.list_folders, ", "))
                                   : options.list_files.front(),
        0,
        fmt::format("none of {} packages has a tag that is kept and on at least {} packages",
                    summary.packages, summary.min_label_count));
  }
  return result;
}

}  // namespace labelbeam
