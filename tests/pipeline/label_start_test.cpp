#include <labelbeam/graph/label_orders.h>
#include <labelbeam/pipeline/label_start.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;

namespace {

/// Of 400 sets: 1 is in 200, 0 in 120 of these; 2 comes with 1 in 45 of 50 sets, 3 with 0 and 1
/// in 20.
LabelCounts hierarchy_counts() {
  std::vector<LabelSet> sets;
  for (int i = 0; i < 45; ++i) sets.push_back({1, 2});
  for (int i = 0; i < 5; ++i) sets.push_back({2});
  for (int i = 0; i < 20; ++i) sets.push_back({0, 1, 3});
  for (int i = 0; i < 100; ++i) sets.push_back({0, 1});
  for (int i = 0; i < 35; ++i) sets.push_back({1});
  sets.resize(400);
  return count_labels(sets, 4);
}

}  // namespace

TEST_CASE("Label orders are chosen by name") {
  const LabelCounts counts = hierarchy_counts();
  CHECK(choose_order(parse_order("frequency"), counts) == frequency_order(counts));
  CHECK(choose_order(parse_order("tree"), counts) == tree_order(counts, ChowLiuTree(counts)));
  CHECK(choose_order(parse_order("arborescence"), counts) == arborescence_order(counts));
  // All others stand below 1, and 3 below 0.
  CHECK(choose_order(parse_order("topological"), counts).by_rank() ==
        std::vector<LabelId>{1, 0, 3, 2});
  for (const std::string& name : order_names()) CHECK(order_name(parse_order(name)) == name);
  CHECK_THROWS_WITH(parse_order("rare"),
                    "\"rare\" is none of frequency, tree, arborescence, "
                    "topological");
}

TEST_CASE("Only labels that mostly come with another one stand below it") {
  // 3 comes with 0, the most frequent label, in `with` of 50 sets.
  const auto order_with = [](int with) {
    std::vector<LabelSet> sets;
    for (int i = 0; i < with; ++i) sets.push_back({0, 3});
    for (int i = with; i < 50; ++i) sets.push_back({3});
    for (int i = 0; i < 150; ++i) sets.push_back({0});
    for (int i = 0; i < 100; ++i) sets.push_back({1});
    for (int i = 0; i < 90; ++i) sets.push_back({2});
    sets.resize(1000);
    return choose_order(OrderChoice::topological, count_labels(sets, 4)).by_rank();
  };
  CHECK(order_with(40) == std::vector<LabelId>{0, 3, 1, 2});
  CHECK(order_with(39) == std::vector<LabelId>{0, 1, 2, 3});
}

TEST_CASE("Every order exists for a single label and for labels without pairs; no embedding does") {
  for (const std::size_t num_labels : {1u, 3u}) {
    std::vector<LabelSet> sets(20);
    for (int i = 0; i < 10; ++i) sets.push_back({0});
    const LabelCounts counts = count_labels(sets, num_labels);
    for (const std::string& name : order_names()) {
      CHECK(choose_order(parse_order(name), counts).by_rank().size() == num_labels);
    }
    for (const EmbeddingChoice choice : {EmbeddingChoice::spectral, EmbeddingChoice::pmi}) {
      CHECK_FALSE(choose_embeddings(choice, counts, 2).has_value());
    }
  }
}

TEST_CASE("Label embeddings tell communities apart, however wide they are") {
  // 0 and 1 go together, as do 2 and 3; 4 is alone.
  std::vector<LabelSet> sets(300);
  for (int i = 0; i < 60; ++i) {
    sets.push_back({0, 1});
    sets.push_back({2, 3});
    sets.push_back({4});
  }
  for (int i = 0; i < 10; ++i) {
    for (LabelId label = 0; label < 4; ++label) sets.push_back({label});
    sets.push_back({1, 2});
  }
  const LabelCounts counts = count_labels(sets, 5);
  for (const char* name : {"spectral", "pmi"}) {
    for (const std::size_t dimension : {2u, 5u, 64u}) {
      INFO(name << ", " << dimension);
      const LabelEmbeddings e = choose_embeddings(parse_embedding(name), counts, dimension).value();
      CHECK(e.num_labels == 5);
      CHECK(e.dimension <= std::min<std::size_t>(dimension, 4));
      REQUIRE(e.values.size() == 5 * e.dimension);
      CHECK(e.eigenvalues.size() == e.dimension);
      const auto product = [&](LabelId a, LabelId b) {
        double sum = 0.0;
        for (std::size_t d = 0; d < e.dimension; ++d)
          sum += e.values[a * e.dimension + d] * e.values[b * e.dimension + d];
        return sum;
      };
      const auto cosine = [&](LabelId a, LabelId b) {
        return product(a, b) / std::sqrt(product(a, a) * product(b, b));
      };
      CHECK(cosine(0, 1) > cosine(0, 3) + 0.2);
      CHECK(cosine(2, 3) > cosine(0, 3) + 0.2);
      CHECK(product(4, 4) == 0.0);
    }
  }
  CHECK_FALSE(choose_embeddings(parse_embedding("random"), counts, 3).has_value());
  for (const std::string& name : embedding_names())
    CHECK(embedding_name(parse_embedding(name)) == name);
  CHECK_THROWS_AS(parse_embedding("word2vec"), std::invalid_argument);
}
