#include <fmt/format.h>
#include <labelbeam/eval/report_writers.h>
#include <labelbeam/graph/implications.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/comparison_graphs.h>
#include <labelbeam/pipeline/graph_picture.h>
#include <labelbeam/pipeline/label_graph.h>
#include <labelbeam/writers/constraints.h>
#include <labelbeam/writers/label_graph.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

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
  std::string suggest;  // constraints file
  pipeline::GraphPictureOptions picture;
  std::vector<std::string> compare;  // predictions files
  bool expected = false;             // counts of distributions
};

namespace fs = std::filesystem;

/// What the picture is of, with the folder or file without its suffixes.
std::string title_of(const GraphArguments& arguments) {
  std::string name = stem_of_rows(arguments.data);
  if (fs::is_directory(arguments.data)) {
    const fs::path folder = fs::absolute(arguments.data).lexically_normal();
    name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  }
  return (arguments.expected ? "Expected labels of " : "Labels of ") + name;
}

/// The files by their names, or by their paths where another has the same name.
std::string name_of(const std::string& file, const std::vector<std::string>& files) {
  const auto name = [](const std::string& path) { return fs::path(path).filename(); };
  const auto has_same = [&](const std::string& other) { return name(other) == name(file); };
  return std::count_if(files.begin(), files.end(), has_same) > 1 ? file : name(file).string();
}

/// Empty where a label graph can be written to a file of this name.
std::string complaint_about(const std::string& file) {
  try {
    pipeline::check_graph_file(file);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

/// The graphs of predictions beside that of the truth.
void compare(Session& session, const GraphArguments& arguments, const LabelGraphOptions& options) {
  if (!arguments.out.empty() &&
      (!pipeline::is_svg(arguments.out) || arguments.compare.size() != 1)) {
    throw std::invalid_argument("--compare with --out draws one predictions file, as .svg");
  }
  const eval::CountedSets counted =
      arguments.expected ? eval::CountedSets::distributions : eval::CountedSets::answers;
  std::vector<eval::GraphComparison> graphs;
  std::string text;
  for (const std::string& file : arguments.compare) {
    graphs.push_back(
        pipeline::compare_graphs(arguments.data, file, arguments.options.read, options, counted));
    graphs.back().system = name_of(file, arguments.compare);
    text += (text.empty() ? "" : "\n") + pipeline::to_text(graphs.back(), arguments.top);
  }
  if (!arguments.out.empty()) {
    write_file_atomically(arguments.out, eval::draw_comparison(graphs.front()));
  }
  session.console.write(session.console.json ? eval::to_json(graphs) : text);
}

void graph(Session& session, const GraphArguments& arguments) {
  std::vector<std::string> inputs = arguments.compare;
  inputs.insert(inputs.end(), {arguments.data, arguments.options.read.labels_file});
  refuse_to_overwrite("--out", arguments.out, inputs);
  refuse_to_overwrite("--suggest", arguments.suggest, inputs);
  pipeline::LabelGraphRunOptions options = arguments.options;
  options.graph.measure = parse_pair_measure(arguments.measure);
  options.graph.num_threads = static_cast<std::size_t>(session.threads);
  options.seed = session.seed.value_or(options.seed);
  if (!arguments.compare.empty()) return compare(session, arguments, options.graph);
  options.rules = !arguments.suggest.empty();
  options.communities |= pipeline::is_svg(arguments.out);
  const LabelGraphDocument document = arguments.expected
                                          ? pipeline::expected_label_graph(arguments.data, options)
                                          : pipeline::label_graph(arguments.data, options);
  if (!arguments.out.empty()) {
    pipeline::GraphPictureOptions picture = arguments.picture;
    picture.title = title_of(arguments);
    pipeline::write_graph_file(arguments.out, document, picture);
  }
  if (document.rules) {
    write_constraints(arguments.suggest, to_constraints(document.rules->rules), document.labels);
  }
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
  command
      .add_option("DATA", arguments->data,
                  "Folder with a train file, or a file of rows, also of predictions: their answers")
      ->required()
      ->type_name("");
  command.add_option("--measure", arguments->measure, "What the strength of a pair is")
      ->check(CLI::IsMember(pair_measure_names()))
      ->capture_default_str();
  command
      .add_option("--min-support", options.min_support,
                  "Rows that labels share, or were expected to share, at least")
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--fdr", options.fdr, "False discovery rate of the pairs shown; 1: no test")
      ->capture_default_str()
      ->type_name("Q");
  command.add_flag("--communities", arguments->options.communities,
                   "Look for groups of labels that go together");
  command.add_flag("--centralities", arguments->options.centralities,
                   "Measure how central each label is among those that go together");
  command.add_flag("--tree", arguments->options.tree,
                   "Make the tree of labels of greatest likelihood");
  command.add_flag("--cliques", arguments->options.cliques,
                   "List groups of labels that all go together with each other, largest first");
  CLI::Option* sets =
      command
          .add_option("--sets", arguments->options.num_sets,
                      fmt::format("List so many of the most frequent sets of three labels or more, "
                                  "in {} rows or --min-support, whichever is more",
                                  FrequentSetOptions().min_support))
          ->check(not_negative())
          ->type_name("N");
  command.add_option("--top", arguments->top, "Rows of each table but that of --sets; 0: all")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  command
      .add_option("--out", arguments->out,
                  fmt::format("Write the graph as .svg, {}", kLabelGraphSuffixes))
      ->type_name("FILE")
      ->check(complaint_about);
  CLI::Option* matrix = command.add_flag("--matrix", arguments->picture.matrix, "Draw a heat map");
  command
      .add_option("--max-edges", arguments->picture.max_edges,
                  "Most lines of an .svg; default: by the number of labels")
      ->check(not_negative())
      ->excludes(matrix)
      ->type_name("N");
  const RuleOptions rules;
  CLI::Option* suggest =
      command
          .add_option(
              "--suggest", arguments->suggest,
              fmt::format("Write constraints that the rows suggest at --fdr, for predict "
                          "--constraints: implications that hold in {:.0f} % of the rows "
                          "with their first label and in {:.0f} rows (or --min-support) at "
                          "least; exclusions of labels that no row has together, where "
                          "{:.0f} or more are expected",
                          100.0 * rules.min_confidence, rules.min_support, rules.min_expected))
          ->type_name("FILE");
  CLI::Option* compared =
      command
          .add_option("--compare", arguments->compare,
                      "Compare with the label graphs of predictions: of DATA, or of its test file")
          ->type_name("FILE");
  for (const char* of_one_graph : {"--measure", "--communities", "--centralities", "--tree",
                                   "--cliques", "--sets", "--matrix", "--max-edges", "--suggest"}) {
    compared->excludes(command.get_option(of_one_graph));
  }
  command
      .add_flag("--expected", arguments->expected,
                "Take a predictions file's sets with their probabilities, normalised over the sets "
                "found, for expected counts: of DATA, which then has no other format, or of the "
                "files to compare")
      ->excludes(suggest)
      ->excludes(sets);
  add_read_options(command, arguments->options.read);
  command.parse_complete_callback([&command, arguments] {
    const LabelGraphOptions& graph_options = arguments->options.graph;
    if (!(graph_options.min_support > 0.0)) {
      throw CLI::ValidationError("--min-support",
                                 fmt::format("must be above 0, got {}", graph_options.min_support));
    }
    if (!(graph_options.fdr > 0.0 && graph_options.fdr <= 1.0)) {
      throw CLI::ValidationError(
          "--fdr", fmt::format("must be above 0 and at most 1, got {}", graph_options.fdr));
    }
    for (const char* of_a_picture : {"--matrix", "--max-edges"}) {
      if (command.count(of_a_picture) == 0 || pipeline::is_svg(arguments->out)) continue;
      throw CLI::RequiresError(of_a_picture, "--out FILE.svg");
    }
    if (is_same_path(arguments->out, arguments->suggest)) {
      throw CLI::ValidationError("--suggest", "names the file of --out");
    }
    if (!arguments->expected || !arguments->compare.empty()) return;  // then DATA has rows to read
    for (const CLI::Option* option : command.get_options()) {
      if (option->get_group() != kFormatOptionsGroup || option->count() == 0) continue;
      throw CLI::ExcludesError(option->get_name(), "--expected without --compare");
    }
  });
}

}  // namespace labelbeam::cli
