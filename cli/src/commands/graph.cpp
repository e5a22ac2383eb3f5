#include <labelbeam/pipeline/label_graph.h>

#include <memory>

#include "command.h"
#include "data_arguments.h"

namespace labelbeam::cli {
namespace {

struct GraphArguments {
  std::string data;
  pipeline::LabelGraphRunOptions options;
  std::string measure = "npmi";
  std::size_t top = 10;
  std::string out;
};

void graph(Session& session, const GraphArguments& arguments) {
  pipeline::LabelGraphRunOptions options = arguments.options;
  options.graph.measure = parse_pair_measure(arguments.measure);
  options.graph.num_threads = static_cast<std::size_t>(session.threads);
  options.seed = session.seed.value_or(options.seed);
  const LabelGraphDocument document = pipeline::label_graph(arguments.data, options);
  if (!arguments.out.empty()) write_label_graph(arguments.out, document);
  if (session.console.json) {
    session.console.write(to_json(document));
  } else {
    session.console.write(pipeline::to_text(document, arguments.top));
  }
}

}  // namespace

void add_graph(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<GraphArguments>();
  CLI::App& command =
      add_command(program, session, "graph", "Which labels go together and which avoid each other",
                  arguments, graph);
  LabelGraphOptions& options = arguments->options.graph;
  command.add_option("DATA", arguments->data, "Folder with a train file, or a file of rows")
      ->required()
      ->type_name("");
  command.add_option("--measure", arguments->measure, "What the strength of a pair is")
      ->check(CLI::IsMember({"support", "confidence", "reverse_confidence", "lift", "pmi", "npmi",
                             "phi", "jaccard", "llr"}))
      ->capture_default_str();
  command
      .add_option("--min-support", options.min_support,
                  "Rows that labels share, or were expected to share, at least")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  command.add_option("--fdr", options.fdr, "False discovery rate of the pairs shown; 1: no test")
      ->capture_default_str()
      ->type_name("Q");
  command.add_flag("--communities", arguments->options.communities,
                   "Look for groups of labels that go together");
  command.add_flag("--tree", arguments->options.tree,
                   "Make the tree of labels of greatest likelihood");
  command.add_option("--top", arguments->top, "Pairs of each table; 0: all")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  command.add_option("--out", arguments->out, "Write the graph as .dot, .graphml, .json or .csv")
      ->type_name("FILE");
  add_read_options(command, arguments->options.read);
}

}  // namespace labelbeam::cli
