#include <fmt/format.h>
#include <labelbeam/pipeline/data_folder.h>
#include <labelbeam/pipeline/split_report.h>
#include <labelbeam/split.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "command.h"
#include "data_arguments.h"
#include "signals.h"

namespace labelbeam::cli {
namespace {

struct SplitArguments {
  std::string in;
  std::string out;
  std::string method = "hash";
  std::optional<std::size_t> folds;
  ReadOptions read;
  SplitOptions split;
};

SplitMethod parse_method(const std::string& name) {
  if (name == "stratified") return SplitMethod::stratified;
  if (name == "stratified-pairs") return SplitMethod::stratified_pairs;
  return SplitMethod::hash;
}

/// What was asked for: source.json of every folder.
nlohmann::json summary_of(const SplitArguments& arguments, std::uint64_t seed) {
  return {{"method", arguments.method}, {"seed", seed}};
}

void write_folder(const std::string& folder, const SplitArguments& arguments,
                  const SplitDataset& data, const nlohmann::json& summary) {
  remove_parts_of(folder);
  pipeline::write_data_folder(
      folder, data,
      {std::filesystem::path(arguments.in).filename().string(),
       fmt::format("a file, split by the method {}", arguments.method), false, summary.dump()});
}

/// Writes train, valid and test, and measures them.
void split_once(const SplitArguments& arguments, const Dataset& data,
                pipeline::SplitReport& report) {
  const std::vector<double> shares = {arguments.split.train, arguments.split.valid,
                                      arguments.split.test};
  const std::vector<std::size_t> parts =
      assign_parts(data, shares, parse_method(arguments.method), report.seed);
  nlohmann::json summary = summary_of(arguments, report.seed);
  summary.update({{"train", shares[0]}, {"valid", shares[1]}, {"test", shares[2]}});
  write_folder(arguments.out, arguments, take_parts(data, parts), summary);
  report.parts = {"train", "valid", "test"};
  report.quality = split_quality(data, parts, shares, 0);
}

/// Writes a folder for each fold to be tested on, and measures the folds.
void split_folds(const SplitArguments& arguments, const Dataset& data,
                 pipeline::SplitReport& report) {
  const std::size_t num_folds = *arguments.folds;
  if (num_folds < 3) {
    throw std::invalid_argument(fmt::format(
        "--folds must be at least 3, for each fold is test once, the next one valid and the others "
        "train, but it is {}",
        num_folds));
  }
  const std::vector<std::size_t> folds =
      assign_folds(data, num_folds, parse_method(arguments.method), report.seed);
  const std::vector<double> shares(num_folds, 1.0 / static_cast<double>(num_folds));
  report.quality = split_quality(data, folds, shares);
  for (std::size_t fold = 0; fold < num_folds; ++fold) {
    report.parts.push_back(fmt::format("fold-{}", fold + 1));
    if (report.quality.parts[fold].rows > 0) continue;
    throw std::invalid_argument(
        fmt::format("{} would have no rows: take fewer folds, another seed, or a stratified method",
                    report.parts.back()));
  }
  for (std::size_t fold = 0; fold < num_folds; ++fold) {
    nlohmann::json summary = summary_of(arguments, report.seed);
    summary.update({{"folds", num_folds}, {"fold", fold + 1}});
    write_folder((std::filesystem::path(arguments.out) / report.parts[fold]).string(), arguments,
                 take_parts(data, rotate_folds(folds, num_folds, fold)), summary);
  }
}

void split(Session& session, const SplitArguments& arguments) {
  const Dataset data = read_dataset(arguments.in, arguments.read);
  pipeline::SplitReport report;
  report.in = arguments.in;
  report.out = arguments.out;
  report.method = arguments.method;
  report.seed = session.seed.value_or(arguments.split.seed);
  report.labels = data.labels;
  arguments.folds ? split_folds(arguments, data, report) : split_once(arguments, data, report);
  session.console.result(to_text(report), to_json(report));
}

}  // namespace

void add_split(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<SplitArguments>();
  CLI::App& command =
      add_command(program, session, "split",
                  "Share rows out to train, valid and test, or to folds; groups stay together",
                  arguments, split);
  command.add_option("IN", arguments->in, "File of rows")->required()->type_name("");
  command.add_option("--out", arguments->out, "Folder for the three files, or for a folder a fold")
      ->required()
      ->type_name("DIR");
  command
      .add_option("--method", arguments->method,
                  "By a hash of group or id, or so that each part gets its share of labels, or of "
                  "pairs of labels too")
      ->check(CLI::IsMember({"hash", "stratified", "stratified-pairs"}))
      ->capture_default_str();
  CLI::Option* folds =
      command
          .add_option("--folds", arguments->folds,
                      "Folders fold-1 to fold-K instead: that fold is test, the next one valid")
          ->check(not_negative())
          ->type_name("K");
  const auto share = [&](const std::string& name, double& value, const std::string& part) {
    command.add_option(name, value, "Share of " + part)->capture_default_str()->excludes(folds);
  };
  share("--train", arguments->split.train, "train");
  share("--valid", arguments->split.valid, "valid");
  share("--test", arguments->split.test, "test");
  add_read_options(command, arguments->read);
}

}  // namespace labelbeam::cli
