#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace labelbeam {

/// A file that appears as a whole or not at all.
///
/// Bytes go to a temporary file in the same folder; `commit` flushes it to the disk and renames it
/// over the destination. Destroyed without `commit`, it leaves nothing behind and what was there
/// before untouched. A path that ends in .gz or .zst is compressed; equal input gives equal bytes.
/// A destination that is a device or a pipe is written to directly; a symbolic link is followed.
/// Throws `WriteError`.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;

  void write(std::string_view bytes);
  /// Once, after the last `write`.
  void commit();
  const std::string& path() const;

 private:
  class Stream;
  std::unique_ptr<Stream> stream_;
};

/// The suffix of a file name in lower case: ".json"; empty where there is none.
std::string suffix_of(const std::string& path);

/// Replaces the file at `path` by `bytes`, as `OutputFile` does.
void write_file_atomically(const std::string& path, std::string_view bytes);

}  // namespace labelbeam
