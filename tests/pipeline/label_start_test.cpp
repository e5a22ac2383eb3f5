#include <labelbeam/graph/label_graph.h>
#include <labelbeam/graph/label_orders.h>
#include <labelbeam/pipeline/label_start.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
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

TEST_CASE("Every order and every start exists for a single label and for labels without pairs") {
  for (const std::size_t num_labels : {1u, 3u}) {
    std::vector<LabelSet> sets(20);
    for (int i = 0; i < 10; ++i) sets.push_back({0});
    const LabelCounts counts = count_labels(sets, num_labels);
    for (const std::string& name : order_names()) {
      CHECK(choose_order(parse_order(name), counts).by_rank().size() == num_labels);
    }
    for (const EmbeddingChoice choice : {EmbeddingChoice::spectral, EmbeddingChoice::pmi}) {
      const LabelEmbeddings embeddings = choose_embeddings(choice, counts, 2).value();
      CHECK(embeddings.num_labels == num_labels);
      CHECK(embeddings.values ==
            std::vector<double>(num_labels * std::min<std::size_t>(num_labels, 2)));
    }
  }
}

TEST_CASE("Label embeddings are chosen by name, at most as wide as there are labels") {
  const LabelCounts counts = hierarchy_counts();
  CHECK_FALSE(choose_embeddings(parse_embedding("random"), counts, 3).has_value());
  const LabelEmbeddings spectral =
      choose_embeddings(parse_embedding("spectral"), counts, 3).value();
  CHECK(spectral.dimension == 3);
  CHECK(spectral.values == spectral_embeddings(4, LabelGraph(counts).attractions(), 3).values);
  const LabelEmbeddings pmi = choose_embeddings(parse_embedding("pmi"), counts, 64).value();
  CHECK(pmi.dimension == 4);
  CHECK(pmi.values == pmi_embeddings(counts, 4, estimate_shrinkage(counts)).values);
  for (const std::string& name : embedding_names())
    CHECK(embedding_name(parse_embedding(name)) == name);
  CHECK_THROWS_AS(parse_embedding("word2vec"), std::invalid_argument);
}
