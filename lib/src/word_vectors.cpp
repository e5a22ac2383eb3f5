#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <labelbeam/word_vectors.h>

#include "word_vector_formats.h"

namespace labelbeam {
namespace {

/// The tokenizer gives no token with a variation selector, so no word may keep one.
std::string without_variation_selectors(std::string_view word) {
  constexpr std::string_view kEmojiSelector = "\xEF\xB8\x8F";
  std::string out(word);
  for (std::size_t at = out.find(kEmojiSelector); at != std::string::npos;
       at = out.find(kEmojiSelector, at)) {
    out.erase(at, kEmojiSelector.size());
  }
  return out;
}

}  // namespace

/// Collects the rows of all files.
class WordVectorReader {
 public:
  explicit WordVectorReader(const WordFilter& wanted) : wanted_(wanted) {}

  void read(const std::string& path) {
    vectors_.files_.push_back({path, 0, 0});
    read_vector_file(path, vectors_.dimension_,
                     [this](std::string_view word, std::span<const float> row) { add(word, row); });
  }

  WordVectors take() { return std::move(vectors_); }

 private:
  void add(std::string_view file_word, std::span<const float> row) {
    WordVectorFile& file = vectors_.files_.back();
    ++file.words_read;
    std::string word = without_variation_selectors(file_word);
    if (word.empty() || !wanted_(word)) return;
    if (!vectors_.index_.try_emplace(word, vectors_.words_.size()).second) return;
    vectors_.words_.push_back(std::move(word));
    vectors_.values_.insert(vectors_.values_.end(), row.begin(), row.end());
    ++file.words_kept;
  }

  const WordFilter& wanted_;
  WordVectors vectors_;
};

std::optional<std::size_t> WordVectors::find(std::string_view word) const {
  const auto found = index_.find(word);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

WordVectors read_word_vectors(std::span<const std::string> paths, const WordFilter& wanted) {
  WordVectorReader reader(wanted);
  for (const std::string& path : paths) reader.read(path);
  return reader.take();
}

Coverage coverage(const WordVectors& vectors, const WordCounts& counts) {
  Coverage result;
  for (const auto& [word, count] : counts) {
    result.tokens += count;
    ++result.words;
    if (!vectors.contains(word)) continue;
    result.covered_tokens += count;
    ++result.covered_words;
  }
  return result;
}

}  // namespace labelbeam
