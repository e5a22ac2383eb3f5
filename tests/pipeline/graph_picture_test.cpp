#include <labelbeam/pipeline/graph_picture.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "catch.h"

using namespace labelbeam;
using labelbeam::pipeline::default_max_edges;
using labelbeam::pipeline::graph_picture;
using labelbeam::pipeline::GraphPictureOptions;
using labelbeam::pipeline::is_svg;

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

/// Each set a number of times, of labels that are named by their ids; edges weigh phi.
LabelGraphDocument repeated(const std::vector<LabelSet>& sets, int times, std::size_t num_labels) {
  std::vector<LabelSet> rows;
  for (int i = 0; i < times; ++i) rows.insert(rows.end(), sets.begin(), sets.end());
  std::vector<std::string> names;
  for (std::size_t label = 0; label < num_labels; ++label) names.push_back(std::to_string(label));
  LabelGraphOptions options;
  options.measure = PairMeasure::phi;
  options.fdr = 1.0;
  options.shrinkage = 0.0;
  return {LabelVocab(names), LabelGraph(count_labels(rows, num_labels), options)};
}

std::size_t count_below_zero(const eval::GraphPicture& picture) {
  return static_cast<std::size_t>(
      std::count_if(picture.edges.begin(), picture.edges.end(),
                    [](const eval::PictureEdge& edge) { return edge.strength < 0.0; }));
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

TEST_CASE("A strong edge is drawn before weaker ones, also where labels avoid each other") {
  // Any two of four labels, with phi 0.11; never one of both fours, with phi -0.33.
  std::vector<LabelSet> sets;
  for (const LabelId first : {0u, 4u}) {
    for (LabelId a = first; a < first + 4; ++a) {
      for (LabelId b = a + 1; b < first + 4; ++b) sets.push_back({a, b});
    }
  }
  const LabelGraphDocument document = repeated(sets, 20, 8);
  REQUIRE(document.graph.edges().size() == 28);
  GraphPictureOptions options;
  options.max_edges = 8;
  const eval::GraphPicture few = graph_picture(document, options);
  CHECK(few.edges.size() == 8);  // six are the strongest of a label
  CHECK(count_below_zero(few) == 2);
  options.max_edges = 24;
  const eval::GraphPicture many = graph_picture(document, options);
  CHECK(many.edges.size() == 18);  // all that are above 0, and a quarter of 24
  CHECK(count_below_zero(many) == 6);
}

TEST_CASE(
    "Edges below 0 are added up to a quarter of the most edges, those that labels keep counted") {
  GraphPictureOptions options;
  options.max_edges = 16;
  const eval::GraphPicture together = graph_picture(pairs(6, PairMeasure::npmi), options);
  CHECK(together.edges.size() == 10);
  CHECK(count_below_zero(together) == 4);
  // Three labels have no edge above 0 and keep one each: more than a quarter of 8.
  options.max_edges = 8;
  const eval::GraphPicture alone =
      graph_picture(repeated({{0, 1}, {2}, {3}, {4}}, 100, 5), options);
  CHECK(alone.edges.size() == 4);
  CHECK(count_below_zero(alone) == 3);
}

TEST_CASE("A picture is known by its suffix, whatever the case") {
  CHECK(is_svg("folder.gv/graph.SVG"));
  CHECK_FALSE(is_svg("graph.svg/graph.dot"));
  for (const char* file : {"g.svg", "g.Dot", "g.gv", "g.graphml", "g.JSON", "g.csv"}) {
    CHECK_NOTHROW(pipeline::check_graph_file(file));
  }
  CHECK_THROWS_WITH(pipeline::check_graph_file("g.txt"),
                    "a label graph is written as .svg, .dot, .gv, .graphml, .json or .csv, which "
                    "\"g.txt\" is not");
  CHECK_THROWS_AS(pipeline::write_graph_file("svg", pairs(2, PairMeasure::npmi)),
                  std::invalid_argument);
}

TEST_CASE("Every measure has finite strengths, negative where labels avoid each other") {
  for (const std::string& name : pair_measure_names()) {
    INFO(name);
    const PairMeasure measure = parse_pair_measure(name);
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
