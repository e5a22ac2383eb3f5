#include <labelbeam/writers/label_graph.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;

namespace {

LabelGraphDocument document_with(std::vector<std::string> names) {
  std::vector<LabelSet> sets;
  for (int i = 0; i < 30; ++i) sets.push_back(i % 3 == 0 ? LabelSet{0, 1} : LabelSet{2});
  return {LabelVocab(names), LabelGraph(count_labels(sets, 3))};
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++count;
  return count;
}

}  // namespace

TEST_CASE("The adjacency matrix has a row and a column a label, empty where there is no edge") {
  const LabelGraphDocument document = document_with({"a,b", "c", "d"});
  REQUIRE(document.graph.edges().size() == 3);
  const std::string csv = to_adjacency_csv(document);
  CHECK_THAT(csv, contains_text("label,\"a,b\",c,d\n\"a,b\",,"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 4);
}

TEST_CASE("The suffix of a file says how a label graph is written") {
  const TemporaryFolder folder;
  const LabelGraphDocument document = document_with({"a", "b", "c"});
  write_label_graph(folder / "g.gv", document);
  CHECK(bytes_of(folder / "g.gv") == to_dot(document));
  write_label_graph(folder / "g.JSON", document);
  CHECK(bytes_of(folder / "g.JSON") == to_json(document));
  CHECK_THROWS_WITH(write_label_graph(folder / "g.png", document),
                    contains_text("as .dot, .gv, .graphml, .json or .csv, which"));
  CHECK_FALSE(is_label_graph_file("g.json/g"));
  CHECK(folder.names() == std::vector<std::string>{"g.JSON", "g.gv"});
}

TEST_CASE("Names that a format cannot carry are refused") {
  const LabelGraphDocument control = document_with({"a\x01", "b", "c"});
  CHECK_THROWS_AS(to_dot(control), std::invalid_argument);
  CHECK_THROWS_AS(to_graphml(control), std::invalid_argument);
  CHECK_THAT(to_json(control), contains_text("a\\u0001"));
  const LabelGraphDocument no_character = document_with({"a\xEF\xBF\xBF", "b", "c"});
  CHECK_THROWS_WITH(to_graphml(no_character), contains_text("U+FFFF"));
  CHECK_THAT(to_json(no_character), contains_text("a\xEF\xBF\xBF"));
  const LabelGraphDocument broken = document_with({"a\xFF", "b", "c"});
  CHECK_THROWS_AS(to_json(broken), std::invalid_argument);
  CHECK_THROWS_AS(to_adjacency_csv(broken), std::invalid_argument);
  CHECK_THROWS_AS(to_dot(document_with({"a", "b"})), std::invalid_argument);
}

TEST_CASE(
    "Files have every edge of the tree, also between labels that do not depend on each other") {
  LabelCounts counts(3);
  for (int i = 0; i < 30; ++i) counts.add(i % 2 == 0 ? LabelSet{0, 1} : LabelSet{});
  counts.add(LabelSet{2});
  LabelGraphDocument document{LabelVocab(std::vector<std::string>{"a", "b", "c"}),
                              LabelGraph(counts)};
  REQUIRE(document.graph.edges().size() == 1);
  CHECK_THAT(to_dot(document), !contains_text("penwidth"));
  CHECK_THAT(to_graphml(document), !contains_text("mutual_information"));
  document.tree = TreeSummary{ChowLiuTree(counts)};
  const std::string dot = to_dot(document);
  CHECK_THAT(dot, contains_text("n0 -- n1 [weight=") && contains_text("n0 -- n2 [style=dotted, "));
  CHECK(count_of(dot, "penwidth=3") == 2);
  const std::string graphml = to_graphml(document);
  CHECK(count_of(graphml, "<edge ") == 2);
  CHECK(count_of(graphml, "<data key=\"edge_mutual_information\">") == 2);
  CHECK(count_of(graphml, "<data key=\"edge_weight\">") == 1);
}

TEST_CASE("What is said of labels must be of all labels") {
  LabelGraphDocument document = document_with({"a", "b", "c"});
  CHECK_THAT(to_json(document), contains_text("\"community\": null, \"centrality\": null"));
  document.centralities = centralities(3, document.graph.attractions());
  CHECK_THAT(to_graphml(document), contains_text("<data key=\"node_betweenness\">0</data>"));
  document.centralities->closeness.pop_back();
  CHECK_THROWS_AS(to_graphml(document), std::invalid_argument);
  document = document_with({"a", "b", "c"});
  document.communities = {0, 1};
  CHECK_THROWS_AS(to_json(document), std::invalid_argument);
}

TEST_CASE("DOT quotes counts, as an exponent is no number there") {
  LabelCounts counts(2);
  counts.add(LabelSet{0}, 1e-5);
  counts.add(LabelSet{1}, 2.0);
  const LabelGraphDocument document{LabelVocab(std::vector<std::string>{"a", "b"}),
                                    LabelGraph(counts)};
  CHECK_THAT(to_dot(document), contains_text("[label=\"a\", count=\"1e-05\"]"));
}
