#include <labelbeam/label_set.h>
#include <labelbeam/label_vocab.h>

#include <stdexcept>
#include <unordered_set>
#include <vector>

#include "catch.h"

using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::LabelVocab;

TEST_CASE("A label set sorts its ids and drops duplicates") {
  const LabelSet set{5, 1, 5, 3};
  CHECK(std::vector<LabelId>(set.begin(), set.end()) == std::vector<LabelId>{1, 3, 5});
  CHECK(set.contains(3));
  CHECK_FALSE(set.contains(2));
}

TEST_CASE("Insert and erase report whether the set changed") {
  LabelSet set;
  CHECK(set.insert(7));
  CHECK_FALSE(set.insert(7));
  CHECK(set.erase(7));
  CHECK_FALSE(set.erase(7));
  CHECK(set.empty());
}

TEST_CASE("A label set refuses ids beyond the limit") {
  LabelSet set;
  CHECK_THROWS_AS(set.insert(static_cast<LabelId>(labelbeam::kMaxLabels)), std::invalid_argument);
  CHECK_THROWS_AS((LabelSet{static_cast<LabelId>(labelbeam::kMaxLabels)}), std::invalid_argument);
}

TEST_CASE("Intersections and subsets agree with counting one by one over all pairs of small sets") {
  for (unsigned a = 0; a < 64; ++a) {
    for (unsigned b = 0; b < 64; ++b) {
      LabelSet left, right;
      for (LabelId l = 0; l < 6; ++l) {
        if (a >> l & 1u) left.insert(l);
        if (b >> l & 1u) right.insert(l);
      }
      CHECK(left.intersection_size(right) == static_cast<std::size_t>(__builtin_popcount(a & b)));
      CHECK(left.is_subset_of(right) == ((a & b) == a));
      CHECK((left == right) == (a == b));
    }
  }
}

TEST_CASE("Equal sets hash alike and the order of sets is lexicographic") {
  CHECK(std::hash<LabelSet>{}(LabelSet{2, 1}) == std::hash<LabelSet>{}(LabelSet{1, 2}));
  std::unordered_set<LabelSet> seen{LabelSet{}, LabelSet{0}, LabelSet{0, 1}, LabelSet{1}};
  CHECK(seen.size() == 4);
  CHECK(LabelSet{} < LabelSet{0});
  CHECK(LabelSet{0, 9} < LabelSet{1});
}

TEST_CASE("A vocabulary gives ids in order of addition and finds them again") {
  LabelVocab vocab;
  CHECK(vocab.add("joy") == 0);
  CHECK(vocab.add("a, \"b\"\t<c> \xF0\x9F\x98\x80") == 1);
  CHECK(vocab.add("joy") == 0);
  CHECK(vocab.size() == 2);
  CHECK(vocab.find("joy") == 0u);
  CHECK_FALSE(vocab.find("Joy").has_value());
  CHECK_THROWS_AS(vocab.name(2), std::out_of_range);
  CHECK_THROWS_AS(vocab.add(""), std::invalid_argument);
  CHECK_THROWS_AS(vocab.add(std::string(5000, 'x')), std::invalid_argument);
  CHECK_THROWS_AS(LabelVocab(std::vector<std::string>{"a", "a"}), std::invalid_argument);
}
