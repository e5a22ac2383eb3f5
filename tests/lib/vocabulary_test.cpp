#include <labelbeam/vocabulary.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"

using labelbeam::count_words;
using labelbeam::WordCounts;
using labelbeam::WordId;
using labelbeam::WordVocab;
using Words = std::vector<std::string>;

TEST_CASE("Words are ordered by frequency, ties by bytes") {
  const WordCounts counts = {{"b", 2}, {"a", 2}, {"z", 9}, {"é", 2}, {"rare", 1}};
  CHECK(WordVocab::build(counts).words() == Words{"z", "a", "b", "é", "rare"});
}

TEST_CASE("The order of counting does not change a vocabulary") {
  WordCounts forward, backward;
  for (int i = 0; i < 500; ++i) {
    forward[std::to_string(i) + "w"] = static_cast<std::uint64_t>(i % 7);
    const int j = 499 - i;
    backward[std::to_string(j) + "w"] = static_cast<std::uint64_t>(j % 7);
  }
  CHECK(WordVocab::build(forward) == WordVocab::build(backward));
}

TEST_CASE("Rare words and words beyond the limit are left out") {
  const WordCounts counts = {{"a", 5}, {"b", 3}, {"c", 2}, {"d", 1}, {"never", 0}};
  CHECK(WordVocab::build(counts, 2).words() == Words{"a", "b", "c"});
  CHECK(WordVocab::build(counts, 2, 2).words() == Words{"a", "b"});
  CHECK(WordVocab::build(counts, 0).words() == Words{"a", "b", "c", "d"});
  CHECK(WordVocab::build({}).size() == 2);
}

TEST_CASE("Padding, the unknown word and every known word have ids of their own") {
  const WordVocab vocab(Words{"x", "y", "<pad>", "<unk>"});
  std::set<WordId> ids = {WordVocab::kPadding, WordVocab::kUnknown, vocab.id("nobody")};
  CHECK(ids.size() == 2);
  for (const std::string& word : vocab.words()) ids.insert(vocab.id(word));
  CHECK(ids.size() == vocab.size());
  CHECK(*ids.rbegin() == vocab.size() - 1);
}

TEST_CASE("Encoding never gives padding and stops at the limit") {
  const WordVocab vocab(Words{"a", "b"});
  const Words tokens = {"a", "?", "b", "a", ""};
  CHECK(vocab.encode(tokens) == std::vector<WordId>{2, 1, 3, 2, 1});
  CHECK(vocab.encode(tokens, 3) == std::vector<WordId>{2, 1, 3});
  CHECK(vocab.encode(tokens, 9).size() == 5);
  CHECK(vocab.encode({}).empty());
}

TEST_CASE("A vocabulary refuses empty and repeated words") {
  CHECK_THROWS_AS(WordVocab(Words{"a", ""}), std::invalid_argument);
  CHECK_THROWS_WITH(WordVocab(Words{"a", "b", "a"}), contains_text("\"a\" is repeated"));
}

TEST_CASE("Counting adds up over documents") {
  WordCounts counts;
  count_words(Words{"a", "b", "a"}, counts);
  count_words(Words{"a"}, counts);
  CHECK(counts == WordCounts{{"a", 3}, {"b", 1}});
}
