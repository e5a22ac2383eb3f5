#include "readers/companion_file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "readers/file_format.h"

namespace labelbeam {
namespace {

namespace fs = std::filesystem;

/// The files beside `path` that end in `suffix`, compressed or not, sorted.
std::vector<fs::path> files_beside(const std::string& path, std::string_view suffix) {
  const fs::path parent = fs::path(path).parent_path();
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(parent.empty() ? fs::path(".") : parent, error), end;
       !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    if (without_suffix(name, suffix) && at->is_regular_file(ignored))
      files.push_back(parent / name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::optional<std::string> without_suffix(std::string_view path, std::string_view suffix) {
  const std::string_view plain = without_compression(path);
  if (!plain.ends_with(suffix)) return std::nullopt;
  return std::string(plain.substr(0, plain.size() - suffix.size()));
}

std::string stem_of(std::string_view path) {
  const fs::path plain(without_compression(path));
  return (plain.parent_path() / plain.stem()).string();
}

std::optional<std::string> find_companion(const std::string& path, std::string_view suffix) {
  const std::string name = fs::path(stem_of(path)).filename().string();
  std::optional<std::string> best;
  std::size_t best_size = 0;
  for (const fs::path& file : files_beside(path, suffix)) {
    const std::string start = *without_suffix(file.filename().string(), suffix);
    if (start.size() <= best_size || !name.starts_with(start)) continue;
    const bool at_boundary =
        start.size() == name.size() ||
        std::string_view("-_.").find(name[start.size()]) != std::string_view::npos;
    if (!at_boundary) continue;
    best = file.string();
    best_size = start.size();
  }
  return best;
}

std::optional<std::string> find_only_file(const std::string& path, std::string_view suffix) {
  const std::vector<fs::path> files = files_beside(path, suffix);
  if (files.size() != 1) return std::nullopt;
  return files.front().string();
}

}  // namespace labelbeam
