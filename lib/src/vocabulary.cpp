#include <labelbeam/vocabulary.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace labelbeam {

WordVocab::WordVocab(std::vector<std::string> words) : words_(std::move(words)) {
  constexpr std::size_t kMaxWords = std::numeric_limits<WordId>::max() - kFirstWord;
  if (words_.size() > kMaxWords) throw std::invalid_argument("WordVocab: too many words");
  ids_.reserve(words_.size());
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (words_[i].empty()) throw std::invalid_argument("WordVocab: a word is empty");
    if (!ids_.emplace(words_[i], static_cast<WordId>(i) + kFirstWord).second) {
      throw std::invalid_argument("WordVocab: the word \"" + words_[i] + "\" is repeated");
    }
  }
}

WordVocab WordVocab::build(const WordCounts& counts, std::uint64_t min_count,
                           std::size_t max_words) {
  std::vector<std::pair<std::string, std::uint64_t>> frequent;
  for (const auto& [word, count] : counts) {
    if (count >= min_count && count > 0) frequent.emplace_back(word, count);
  }
  std::sort(frequent.begin(), frequent.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (max_words > 0 && frequent.size() > max_words) frequent.resize(max_words);
  std::vector<std::string> words;
  words.reserve(frequent.size());
  for (auto& [word, count] : frequent) words.push_back(std::move(word));
  return WordVocab(std::move(words));
}

std::optional<WordId> WordVocab::find(std::string_view word) const {
  const auto found = ids_.find(word);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::vector<WordId> WordVocab::encode(std::span<const std::string> tokens,
                                      std::size_t max_tokens) const {
  if (max_tokens > 0 && tokens.size() > max_tokens) tokens = tokens.first(max_tokens);
  std::vector<WordId> ids;
  ids.reserve(tokens.size());
  for (const std::string& token : tokens) ids.push_back(id(token));
  return ids;
}

void count_words(std::span<const std::string> tokens, WordCounts& counts) {
  for (const std::string& token : tokens) ++counts[token];
}

}  // namespace labelbeam
