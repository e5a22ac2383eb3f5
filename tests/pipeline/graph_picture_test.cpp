#include <labelbeam/pipeline/graph_picture.h>

#include <cmath>
#include <vector>

#include "catch.h"

using namespace labelbeam;
using labelbeam::pipeline::default_max_edges;
using labelbeam::pipeline::graph_picture;
using labelbeam::pipeline::GraphPictureOptions;

namespace {

/// 2 k labels, of which 2 i and 2 i + 1 are always together and without all others.
LabelGraphDocument pairs(std::size_t k, PairMeasure measure) {
  std::vector<LabelSet> sets;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < k; ++i) {
    const auto label = static_cast<LabelId>(2 * i);
    for (int row = 0; row < 100; ++row) sets.push_back({label, label + 1});
    for (const char* letter : {"a", "b"}) names.push_back(letter + std::to_string(i));
  }
  LabelGraphOptions options;
  options.measure = measure;
  options.shrinkage = 0.0;
  return {LabelVocab(names), LabelGraph(count_labels(sets, 2 * k), options)};
}

}  // namespace

TEST_CASE("A picture has every label, and each keeps its strongest edge") {
  const LabelGraphDocument document = pairs(6, PairMeasure::npmi);
  REQUIRE(document.graph.edges().size() == 66);
  const eval::GraphPicture picture = graph_picture(document);
  REQUIRE(picture.nodes.size() == 12);
  CHECK(picture.nodes[3].name == "b1");
  CHECK(picture.nodes[3].count == 100.0);
  CHECK(picture.edges.size() <= default_max_edges(12));
  std::vector<bool> has_partner(12, false);
  for (const eval::PictureEdge& edge : picture.edges) {
    if (edge.strength > 0.0) has_partner[edge.first] = has_partner[edge.second] = true;
  }
  CHECK(has_partner == std::vector<bool>(12, true));
  GraphPictureOptions options;
  options.max_edges = 4;
  CHECK(graph_picture(document, options).edges.size() == 4);
  options.matrix = true;
  CHECK(graph_picture(document, options).edges.size() == 66);
}

TEST_CASE("Every measure has finite strengths, negative where labels avoid each other") {
  for (const PairMeasure measure :
       {PairMeasure::support, PairMeasure::confidence, PairMeasure::lift, PairMeasure::pmi,
        PairMeasure::npmi, PairMeasure::phi, PairMeasure::jaccard,
        PairMeasure::log_likelihood_ratio}) {
    GraphPictureOptions options;
    options.matrix = true;
    const eval::GraphPicture picture = graph_picture(pairs(3, measure), options);
    REQUIRE(picture.edges.size() == 15);
    for (const eval::PictureEdge& edge : picture.edges) {
      REQUIRE(std::isfinite(edge.strength));
      REQUIRE((edge.strength > 0.0) == (edge.first / 2 == edge.second / 2));
    }
    CHECK(pipeline::to_svg(pairs(3, measure)).starts_with("<svg"));
  }
}
