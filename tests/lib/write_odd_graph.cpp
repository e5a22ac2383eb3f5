// Writes a label graph with odd names into a folder, in every format, for read_label_graphs.py.

#include <labelbeam/graph/communities.h>
#include <labelbeam/writers/label_graph.h>

#include <cstdlib>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  using namespace labelbeam;
  if (argc != 2) return EXIT_FAILURE;
  const std::vector<std::string> names{"plain",
                                       "comma, semicolon;",
                                       "\"quotes\" 'too'",
                                       "<b>&amp;&lt;</b> & more",
                                       "\xF0\x9F\x98\x80 smile",
                                       "line\nfeed",
                                       "cr\r and crlf\r\n",
                                       "back\\slash\\n\\",
                                       "tab\there",
                                       " spaces around ",
                                       "\\\"",
                                       "=1+1",
                                       "<html>",
                                       "\xD8\xB9\xD8\xB1\xD8\xA8\xD9\x8A",
                                       "often",
                                       "apart",
                                       "rare"};
  const std::size_t num_labels = names.size();
  const LabelId num_odd = 14;
  const LabelId often = 14, apart = 15, rare = 16;
  std::vector<LabelSet> sets;
  for (LabelId round = 0; round < 20; ++round) {
    for (LabelId label = 0; label < num_odd; ++label) {
      LabelSet set{label, static_cast<LabelId>(label % 2 == 0 ? label + 1 : label - 1)};
      set.insert((label * 5 + round) % num_odd);
      sets.push_back(set);
    }
  }
  sets.insert(sets.end(), 100, LabelSet{often});
  sets.insert(sets.end(), 100, LabelSet{apart});
  LabelCounts counts = count_labels(sets, num_labels);
  counts.add(LabelSet{often, apart}, 1e-5);  // as expected counts of answers are
  counts.add(LabelSet{rare}, 1e-5);
  LabelGraphDocument document{LabelVocab(names), LabelGraph(counts)};
  document.communities = find_communities(num_labels, document.graph.attractions());
  document.centralities = centralities(num_labels, document.graph.attractions());
  document.tree = TreeSummary{ChowLiuTree(counts), 0.5, 0.25};
  const std::string folder = argv[1];
  for (const char* name : {"/graph.dot", "/graph.graphml", "/graph.json", "/graph.csv"}) {
    write_label_graph(folder + name, document);
  }
  return EXIT_SUCCESS;
}
