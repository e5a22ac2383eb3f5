#pragma once

#include <labelbeam/vocabulary.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace labelbeam {

/// The largest number of components of a vector that is accepted.
inline constexpr std::size_t kMaxVectorDimension = 65'536;

/// Says whether the vector of a word is needed.
using WordFilter = std::function<bool(std::string_view word)>;

/// What one file of vectors contributed.
struct WordVectorFile {
  std::string path;
  std::uint64_t words_read = 0;  ///< vectors in the file
  std::uint64_t words_kept = 0;  ///< wanted, and in no earlier file or line
};

/// Vectors of words: N words of D components.
class WordVectors {
 public:
  /// D; 0 where no file was read.
  std::size_t dimension() const { return dimension_; }
  std::size_t size() const { return words_.size(); }
  /// [N], in the order in which they were found.
  const std::vector<std::string>& words() const { return words_; }
  /// [N, D], row-major.
  std::span<const float> values() const { return values_; }
  /// The vector of the word of this index, [D].
  std::span<const float> row(std::size_t index) const {
    return std::span<const float>(values_).subspan(index * dimension_, dimension_);
  }
  std::optional<std::size_t> find(std::string_view word) const;
  bool contains(std::string_view word) const { return find(word).has_value(); }
  const std::vector<WordVectorFile>& files() const { return files_; }

 private:
  friend class WordVectorReader;

  std::size_t dimension_ = 0;
  std::vector<std::string> words_;
  std::vector<float> values_;
  std::unordered_map<std::string, std::size_t, StringHash, std::equal_to<>> index_;
  std::vector<WordVectorFile> files_;
};

/// Reads the wanted vectors of several files; the first file that has a word wins.
///
/// Formats, told apart by content: word2vec text and fastText .vec (a first line `N D`), GloVe (no
/// such line), word2vec binary; each plain or compressed (see `<labelbeam/input_file.h>`). A file
/// streams through: memory is bounded by the wanted words, not by the file. The variation selector
/// U+FE0F is dropped from words, as the tokenizer drops it from text.
///
/// Throws `MissingFileError` for a file that is not there, `DataError` with file and line (in a
/// binary file the number of the word) for: a wrong number of components, another dimension than
/// the files before, something that is not a finite number, a header that does not match what
/// follows, a file that ends too early, no vectors, more than
/// `kMaxVectorDimension` components, standard input.
WordVectors read_word_vectors(std::span<const std::string> paths, const WordFilter& wanted);

/// How much of a text has a vector.
struct Coverage {
  std::uint64_t tokens = 0;          ///< running words
  std::uint64_t covered_tokens = 0;  ///< of which have a vector
  std::uint64_t words = 0;           ///< distinct words
  std::uint64_t covered_words = 0;   ///< of which have a vector

  bool operator==(const Coverage&) const = default;
};

Coverage coverage(const WordVectors& vectors, const WordCounts& counts);

}  // namespace labelbeam
