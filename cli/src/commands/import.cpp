#include <fmt/format.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/pipeline/data_folder.h>
#include <labelbeam/readers/debtags.h>
#include <labelbeam/stable_hash.h>
#include <labelbeam/synthetic.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "command.h"
#include "signals.h"

namespace labelbeam::cli {
namespace {

using nlohmann::ordered_json;

struct DebtagsArguments {
  std::string out;
  DebtagsOptions options;
};

struct SyntheticArguments {
  std::string out;
  std::size_t rows = 6000;
};

void add_out(CLI::App& command, std::string& out) {
  command.add_option("--out", out, "Folder for train, valid and test; made if needed")
      ->required()
      ->type_name("DIR");
}

/// Writes the folder and says what is in it. `story`: lines for people.
void finish(Session& session, const std::string& out, const SplitDataset& data,
            const pipeline::DataSource& source, const std::string& story) {
  remove_parts_of(out);
  pipeline::write_data_folder(out, data, source);
  ordered_json json;
  json["command"] = "import";
  json["out"] = out;
  json["name"] = source.name;
  json["source"] = source.source;
  json["synthetic"] = source.synthetic;
  json["rows"] = {{"train", data.train.rows.size()},
                  {"valid", data.valid.rows.size()},
                  {"test", data.test.rows.size()}};
  json["labels"] = data.train.labels.size();
  json["summary"] = ordered_json::parse(source.summary_json);
  const std::string text =
      fmt::format("{}Wrote {} rows of train, {} of valid and {} of test with {} labels to {}.\n",
                  story, data.train.rows.size(), data.valid.rows.size(), data.test.rows.size(),
                  data.train.labels.size(), out);
  session.console.result(text, json.dump(2) + '\n');
}

void import_packages(Session& session, const DebtagsArguments& arguments) {
  DebtagsOptions options = arguments.options;
  const bool chosen = !options.list_files.empty() || !options.list_folders.empty();
  if (!chosen) options.list_folders = DebtagsOptions{}.list_folders;
  session.console.note("Reading package lists.");
  DebtagsImport import = import_debtags(options);
  const DebtagsSummary& summary = import.summary;
  ordered_json counts = {{"lists", summary.lists},
                         {"packages", summary.packages},
                         {"tagged", summary.tagged},
                         {"kept", summary.kept},
                         {"labels", summary.labels},
                         {"min_label_count", summary.min_label_count},
                         {"long_descriptions", summary.long_descriptions}};
  const pipeline::DataSource source{"debtags", "Debian package descriptions and their tags", false,
                                    counts.dump()};
  const std::string story = fmt::format(
      "Read {} lists: {} packages, {} with tags.\n"
      "Kept {} packages with {} tags that are on at least {} packages each; {} of them have a long "
      "description.\n",
      summary.lists, summary.packages, summary.tagged, summary.kept, summary.labels,
      summary.min_label_count, summary.long_descriptions);
  finish(session, arguments.out,
         {std::move(import.train), std::move(import.valid), std::move(import.test)}, source, story);
}

/// The least set NLL that any model can have on these rows, nats a document.
double true_set_nll(const SyntheticTask& task, const Dataset& data) {
  std::vector<double> log_probs;
  for (const Example& row : data.rows) {
    log_probs.push_back(task.log_posterior(row.text.value(), row.labels));
  }
  return eval::mean_set_nll(log_probs);
}

void import_synthetic(Session& session, const SyntheticArguments& arguments) {
  if (arguments.rows < 10) {
    throw std::invalid_argument(fmt::format("--rows must be at least 10, got {}", arguments.rows));
  }
  const std::uint64_t seed = session.seed.value_or(1);
  SyntheticOptions options;
  options.seed = seed;
  const SyntheticTask task(options);
  const std::size_t part = arguments.rows / 10;
  const auto sample = [&](std::string_view split, std::size_t rows) {
    return task.sample(rows, stable_hash(split, seed), split);
  };
  SplitDataset data{sample("train", arguments.rows - 2 * part), sample("valid", part),
                    sample("test", part)};
  const double best = true_set_nll(task, data.test);
  const ordered_json summary = {{"seed", seed}, {"least_test_set_nll", best}};
  finish(session, arguments.out, data,
         {"synthetic", "texts generated from a known joint distribution", true, summary.dump()},
         fmt::format("Drew synthetic texts; no model can have a lower set NLL on test than {:.4f} "
                     "nats a document.\n",
                     best));
}

}  // namespace

void add_import(CLI::App& program, Session& session) {
  CLI::App& import = *program.add_subcommand("import", "Make a data folder");
  import.require_subcommand(1);

  auto packages = std::make_shared<DebtagsArguments>();
  packages->options.list_folders.clear();
  CLI::App& debtags =
      add_command(import, session, "debtags",
                  "From the package lists that apt keeps: descriptions in, tags out", packages,
                  import_packages);
  add_out(debtags, packages->out);
  debtags
      .add_option("--lists", packages->options.list_folders,
                  "Folder of Packages and Translation-en files; default: /var/lib/apt/lists")
      ->allow_extra_args(false)
      ->type_name("DIR");
  debtags.add_option("--list-file", packages->options.list_files, "One such file")
      ->allow_extra_args(false)
      ->type_name("FILE");
  debtags
      .add_option("--facets", packages->options.facets,
                  "Facets whose tags are labels; default: all but special")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B");
  debtags
      .add_option("--min-count", packages->options.min_label_count,
                  "Leave out tags on fewer packages; default: 100, fewer where few have tags")
      ->check(not_negative())
      ->type_name("N");

  auto made_up = std::make_shared<SyntheticArguments>();
  CLI::App& synthetic = add_command(import, session, "synthetic",
                                    "Generated texts with a known joint distribution of labels",
                                    made_up, import_synthetic);
  add_out(synthetic, made_up->out);
  synthetic.add_option("--rows", made_up->rows, "Rows in all, a tenth each for valid and test")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
}

}  // namespace labelbeam::cli
