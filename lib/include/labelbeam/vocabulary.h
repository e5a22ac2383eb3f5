#pragma once

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

/// Index of a word in a model's input.
using WordId = std::uint32_t;

/// Hash of strings that finds a `std::string_view` without a copy.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

/// How often each word occurs.
using WordCounts = std::unordered_map<std::string, std::uint64_t>;

/// The words that a model knows. Padding, the unknown word and every known word differ in id.
class WordVocab {
 public:
  static constexpr WordId kPadding = 0;    ///< fills a batch up behind the end of a document
  static constexpr WordId kUnknown = 1;    ///< any word that is not in the vocabulary
  static constexpr WordId kFirstWord = 2;  ///< id of the first known word

  /// No known words.
  WordVocab() = default;
  /// `words[i]` gets id i + 2. Throws `std::invalid_argument` for an empty or repeated word.
  explicit WordVocab(std::vector<std::string> words);

  /// The words that occur at least `min_count` times, at most `max_words` of them (0: no limit),
  /// most frequent first, ties by bytes: the same for every order of `counts`.
  static WordVocab build(const WordCounts& counts, std::uint64_t min_count = 1,
                         std::size_t max_words = 0);

  /// Rows of an embedding matrix: padding, the unknown word and the known words.
  std::size_t size() const { return words_.size() + kFirstWord; }
  /// The known words; the first has id 2.
  const std::vector<std::string>& words() const { return words_; }
  std::optional<WordId> find(std::string_view word) const;
  /// The id of a word, `kUnknown` for one that is not known.
  WordId id(std::string_view word) const { return find(word).value_or(kUnknown); }

  /// One id a token, never `kPadding`; tokens from `max_tokens` on are cut off (0: none is).
  std::vector<WordId> encode(std::span<const std::string> tokens, std::size_t max_tokens = 0) const;

  bool operator==(const WordVocab& other) const { return words_ == other.words_; }

 private:
  std::vector<std::string> words_;
  std::unordered_map<std::string, WordId, StringHash, std::equal_to<>> ids_;
};

/// Adds a document's tokens to the counts.
void count_words(std::span<const std::string> tokens, WordCounts& counts);

}  // namespace labelbeam
