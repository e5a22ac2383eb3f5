#include "data_arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/error.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

namespace labelbeam::cli {
namespace {

const std::vector<std::pair<std::string, RowFormat>> kFormats{
    {"jsonl", RowFormat::jsonl},     {"csv", RowFormat::csv}, {"tsv", RowFormat::tsv},
    {"semeval", RowFormat::semeval}, {"sgm", RowFormat::sgm}, {"fasttext", RowFormat::fasttext},
    {"libsvm", RowFormat::libsvm},   {"xmc", RowFormat::xmc}, {"mulan", RowFormat::mulan},
    {"meka", RowFormat::meka},
};

UnknownLabels parse_unknown_labels(const std::string& name) {
  if (name == "error") return UnknownLabels::error;
  if (name == "ignore") return UnknownLabels::ignore;
  return UnknownLabels::miss;
}

void warn_of_unknown(Session& session, const std::string& split, const UnknownLabelCounts& unknown,
                     UnknownLabels treatment) {
  if (unknown.occurrences == 0) return;
  constexpr std::size_t kShown = 3;
  const auto end =
      unknown.labels.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, unknown.labels.size()));
  session.console.warn(
      fmt::format("{} has {} labels that train lacks ({}{}), {} times in {} rows: they {}", split,
                  unknown.labels.size(), fmt::join(unknown.labels.begin(), end, ", "),
                  unknown.labels.size() > kShown ? ", ..." : "", unknown.occurrences, unknown.rows,
                  treatment == UnknownLabels::miss ? "count as missed" : "are left out"));
}

/// Models need a text and labels on every row.
void refuse_incomplete_rows(const Dataset& data, const std::string& folder,
                            const std::string& split) {
  for (const Example& row : data.rows) {
    if (row.text && row.labelled) continue;
    throw DataError(find_split(folder, split), 0,
                    fmt::format("the row \"{}\" has no {}", row.id, row.text ? "labels" : "text"));
  }
  if (data.labels.size() == 0) {
    throw DataError(find_split(folder, split), 0, "no row has a label");
  }
}

}  // namespace

void add_format_option(CLI::App& command, const std::string& name, RowFormat& format,
                       const std::string& what) {
  std::vector<std::string> names;
  for (const auto& [format_name, value] : kFormats) names.push_back(format_name);
  command
      .add_option_function<std::string>(
          name,
          [&format](const std::string& chosen) {
            const auto is_chosen = [&](const auto& entry) { return entry.first == chosen; };
            format = std::find_if(kFormats.begin(), kFormats.end(), is_chosen)->second;
          },
          what + "; default: by the file name")
      ->check(CLI::IsMember(names))
      ->group(kFormatOptionsGroup);
}

void add_read_options(CLI::App& command, ReadOptions& options) {
  add_format_option(command, "--format", options.format, "Format of the rows");
  const auto column = [&](const std::string& name, std::string& value, const std::string& what) {
    command.add_option(name, value, "CSV, TSV: column of the " + what)
        ->capture_default_str()
        ->group(kFormatOptionsGroup);
  };
  column("--id-column", options.id_column, "unique names of rows");
  column("--text-column", options.text_column, "text");
  column("--labels-column", options.labels_column, "labels");
  column("--group-column", options.group_column, "groups that a split keeps together");
  column("--weight-column", options.weight_column, "weights");
  command
      .add_option("--label-separator", options.label_separator,
                  "CSV, TSV: between the names in the column of the labels")
      ->capture_default_str()
      ->group(kFormatOptionsGroup);
  command
      .add_option("--label-columns", options.label_columns,
                  "CSV, TSV: 0/1 columns, one a label, instead of the column of the labels")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("A,B,...")
      ->group(kFormatOptionsGroup);
  command.add_option("--label-prefix", options.label_prefix, "fastText: how a label starts")
      ->capture_default_str()
      ->group(kFormatOptionsGroup);
  command
      .add_option("--labels-file", options.labels_file,
                  "MULAN: the XML file; XMC: the names of the labels; default: the one beside")
      ->type_name("FILE")
      ->group(kFormatOptionsGroup);
}

void add_data_options(CLI::App& command, DataArguments& arguments) {
  command.add_option("--data", arguments.folder, "Folder with train, valid and test files")
      ->required()
      ->type_name("DIR");
  command
      .add_option_function<std::string>(
          "--unknown-labels",
          [&arguments](const std::string& name) {
            arguments.options.unknown_labels = parse_unknown_labels(name);
          },
          "What becomes of labels in valid and test that train lacks; default: miss")
      ->check(CLI::IsMember({"error", "ignore", "miss"}));
  command
      .add_option("--sample", arguments.sample,
                  "At most so many rows of train, and a third as many of valid and of test")
      ->check(not_negative())
      ->type_name("N");
  add_read_options(command, arguments.options.read);
}

DataFolder read_data(Session& session, const DataArguments& arguments) {
  DataFolderOptions options = arguments.options;
  if (arguments.sample > 0) {
    options.max_train_rows = arguments.sample;
    options.max_valid_rows = options.max_test_rows = std::max<std::size_t>(arguments.sample / 3, 1);
  }
  DataFolder data = read_data_folder(arguments.folder, options);
  refuse_incomplete_rows(data.train, arguments.folder, "train");
  refuse_incomplete_rows(data.valid, arguments.folder, "valid");
  refuse_incomplete_rows(data.test, arguments.folder, "test");
  session.console.note(fmt::format("{}: {} rows of train, {} of valid, {} of test, {} labels",
                                   arguments.folder, data.train.rows.size(), data.valid.rows.size(),
                                   data.test.rows.size(), data.train.labels.size()));
  warn_of_unknown(session, "valid", data.valid_unknown, options.unknown_labels);
  warn_of_unknown(session, "test", data.test_unknown, options.unknown_labels);
  return data;
}

bool is_same_path(const std::string& a, const std::string& b) {
  namespace fs = std::filesystem;
  return !a.empty() && !b.empty() &&
         fs::absolute(a).lexically_normal() == fs::absolute(b).lexically_normal();
}

void refuse_to_overwrite(const std::string& option, const std::string& output,
                         const std::vector<std::string>& inputs) {
  namespace fs = std::filesystem;
  const auto refuse_if_same = [&](const std::string& input) {
    std::error_code ignored;  // where one of them is not there
    if (!fs::equivalent(output, input, ignored)) return;
    throw std::invalid_argument(
        fmt::format("{} would overwrite {}, which is read: name another file", option, input));
  };
  std::error_code ignored;
  if (!fs::exists(output, ignored)) return;
  for (const std::string& input : inputs) {
    if (input.empty() || input == "-") continue;
    refuse_if_same(input);
    if (!fs::is_directory(input, ignored)) continue;
    for (const char* split : {"train", "valid", "test"}) {
      try {
        refuse_if_same(find_split(input, split));
      } catch (const DataError&) {
        // A folder may lack one; what is wrong with it is told where it is read.
      }
    }
  }
}

std::string folder_of(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  return folder.empty() ? "." : folder.string();
}

}  // namespace labelbeam::cli
