// The label graph of label sets of one's own: which labels go together, which avoid each other, and
// the constraints that this suggests.
#include <labelbeam/graph/implications.h>
#include <labelbeam/graph/label_graph.h>

#include <cstdio>
#include <vector>

using namespace labelbeam;

int main() {
  const char* const names[] = {"boat", "sail", "water", "desert"};
  std::vector<LabelSet> sets;
  for (int row = 0; row < 20; ++row) {
    sets.push_back({0, 1, 2});  // boat, sail, water
    sets.push_back({0, 2});     // boat, water
    sets.push_back({2});        // water
    sets.push_back({3});        // desert
  }
  const LabelCounts counts = count_labels(sets, 4);
  const LabelGraph graph(counts, {.measure = PairMeasure::npmi, .fdr = 0.01});
  for (const bool positive : {true, false}) {
    std::printf("%s:\n", positive ? "go together" : "avoid each other");
    for (const LabelEdge& edge : strongest_edges(graph, positive, 3)) {
      std::printf("  %s, %s: NPMI %+.2f, %.0f rows, %.1f expected\n", names[edge.first],
                  names[edge.second], edge.value, edge.table.both, edge.table.expected());
    }
  }
  const std::vector<SuggestedRule> rules = suggest_rules(counts);
  for (const SuggestedRule& rule : rules) {
    std::printf("%s %s %s, broken by at most %.0f %% of rows\n", names[rule.first],
                rule.is_implication ? "implies" : "excludes", names[rule.second],
                100.0 * rule.violations_upper);
  }
  return rules.empty() ? 1 : 0;
}
