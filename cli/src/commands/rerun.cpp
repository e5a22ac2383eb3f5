#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/pipeline/manifest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "command.h"
#include "exit_code.h"

namespace labelbeam::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr std::size_t kShownDifferences = 20;

struct RerunArguments {
  std::string manifest;
  std::string data;
  std::string out;
};

/// The folder of a file, without a separator at its end.
fs::path folder_of_run(const std::string& manifest) {
  return fs::weakly_canonical(fs::absolute(manifest)).parent_path();
}

/// What `rerun` is told replaces what the manifest says.
void apply(const RerunArguments& arguments, pipeline::Manifest& manifest) {
  auto& [invocation, inputs] = manifest.provenance;
  invocation.options.try_emplace("threads",
                                 std::vector<std::string>{std::to_string(manifest.threads)});
  invocation.options["out"] = {arguments.out};
  if (arguments.data.empty()) return;
  invocation.options["data"] = {arguments.data};
  pipeline::move_data(inputs, arguments.data);
}

std::vector<std::string> words_of(const pipeline::Invocation& invocation) {
  std::vector<std::string> words{invocation.command};
  for (const auto& [name, values] : invocation.options) {
    if (values.empty()) words.push_back("--" + name);
    for (const std::string& value : values) words.push_back(fmt::format("--{}={}", name, value));
  }
  return words;
}

void warn_of_versions(Session& session, const pipeline::Manifest& first,
                      const pipeline::Manifest& second) {
  const auto warn = [&](const char* what, const std::string& was, const std::string& is) {
    if (was == is) return;
    session.console.warn(fmt::format("the first run had {} {}, this one has {}", what, was, is));
  };
  warn("labelbeam", first.labelbeam, second.labelbeam);
  warn("LibTorch", first.libtorch, second.libtorch);
}

std::string to_text(const pipeline::ReportDifferences& found, const RerunArguments& arguments) {
  std::string text = fmt::format("The reports of the second run are in {}.\n", arguments.out);
  if (found.differences.empty()) {
    return text + fmt::format("All {} figures are equal to the first run's.\n", found.figures);
  }
  text += fmt::format("{} of {} figures and texts differ, the largest difference first:\n",
                      found.differences.size(), found.figures);
  const std::size_t shown = std::min(found.differences.size(), kShownDifferences);
  for (std::size_t d = 0; d < shown; ++d) {
    const pipeline::Difference& item = found.differences[d];
    text += fmt::format("  {}: {} -> {}", item.where, item.first.empty() ? "missing" : item.first,
                        item.second.empty() ? "missing" : item.second);
    text += std::isfinite(item.size) ? fmt::format("  (by {:.3g})\n", item.size) : "\n";
  }
  if (found.differences.size() > shown) {
    text += fmt::format("  ... and {} more\n", found.differences.size() - shown);
  }
  return text;
}

std::string to_json(const pipeline::ReportDifferences& found, const RerunArguments& arguments) {
  ordered_json differences = ordered_json::array();
  const auto value_or_null = [](const std::string& text) {
    return text.empty() ? ordered_json(nullptr) : ordered_json::parse(text);
  };
  for (const pipeline::Difference& item : found.differences) {
    differences.push_back(
        {{"where", item.where},
         {"first", value_or_null(item.first)},
         {"second", value_or_null(item.second)},
         {"size", std::isfinite(item.size) ? ordered_json(item.size) : ordered_json(nullptr)}});
  }
  const ordered_json json = {{"command", "rerun"},
                             {"folder", arguments.out},
                             {"figures", found.figures},
                             {"equal", found.differences.empty()},
                             {"differences", std::move(differences)}};
  return json.dump(2) + '\n';
}

void rerun(Session& session, const RerunArguments& given) {
  RerunArguments arguments = given;
  pipeline::Manifest manifest = pipeline::read_manifest(arguments.manifest);
  const pipeline::Manifest first = manifest;
  if (manifest.provenance.invocation.command != "compare") {
    throw DataError(arguments.manifest, 0,
                    fmt::format("is of the command {}, and only runs of compare are repeated",
                                manifest.provenance.invocation.command));
  }
  const fs::path folder = folder_of_run(arguments.manifest);
  if (arguments.out.empty()) arguments.out = folder.string() + "-rerun";
  if (fs::weakly_canonical(fs::absolute(arguments.out)) == folder) {
    throw std::invalid_argument("--out: the second run needs a folder of its own");
  }
  const std::string first_report = (folder / "report.json").string();
  pipeline::compare_reports(first_report, first_report);  // it is there and can be read
  apply(arguments, manifest);
  pipeline::check_inputs(manifest.provenance.inputs);

  try {
    run_command(session, words_of(manifest.provenance.invocation));
  } catch (const CLI::ParseError& error) {
    throw DataError(arguments.manifest, 0,
                    fmt::format("has options that this version does not take: {}", error.what()));
  }
  const fs::path out(arguments.out);
  warn_of_versions(session, first, pipeline::read_manifest((out / "manifest.json").string()));
  const pipeline::ReportDifferences found =
      pipeline::compare_reports(first_report, (out / "report.json").string());
  session.console.result(to_text(found, arguments), to_json(found, arguments));
  if (!found.differences.empty()) {
    throw GateFailed(fmt::format("the second run differs from the first in {} places",
                                 found.differences.size()));
  }
}

}  // namespace

void add_rerun(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<RerunArguments>();
  CLI::App& command =
      add_command(program, session, "rerun",
                  "Repeat a comparison from its manifest and tell whether every figure is the same",
                  arguments, rerun);
  command
      .add_option("MANIFEST", arguments->manifest, "manifest.json in the folder of a comparison")
      ->required()
      ->type_name("FILE");
  command
      .add_option("--data", arguments->data,
                  "Where the data folder is now; default: where the manifest says")
      ->type_name("DIR");
  command
      .add_option("--out", arguments->out,
                  "Folder of the second run; default: beside the first, with -rerun at its end")
      ->type_name("DIR");
}

}  // namespace labelbeam::cli
