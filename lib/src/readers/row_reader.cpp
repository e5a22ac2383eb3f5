#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/readers/row_reader.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "readers/arff_reader.h"
#include "readers/companion_file.h"
#include "readers/delimited_reader.h"
#include "readers/fasttext_reader.h"
#include "readers/file_format.h"
#include "readers/jsonl_reader.h"
#include "readers/semeval_reader.h"
#include "readers/sgm_reader.h"
#include "readers/sparse_reader.h"

namespace labelbeam {
namespace {

std::optional<std::string> find_label_names(const std::string& path, const ReadOptions& options) {
  if (!options.labels_file.empty()) return options.labels_file;
  if (path == "-") return std::nullopt;
  return find_companion(path, kLabelNamesSuffix);
}

RowFormat named_format(const std::string& path, const ReadOptions& options) {
  return options.format == RowFormat::automatic ? format_of_name(path) : options.format;
}

}  // namespace

std::unique_ptr<RowReader> open_rows(const std::string& path, const ReadOptions& options) {
  const bool forced = options.format != RowFormat::automatic;
  const RowFormat named = named_format(path, options);
  if (named == RowFormat::mulan || named == RowFormat::meka) return open_arff(path, options);
  if (named == RowFormat::sgm) return std::make_unique<SgmReader>(path);
  if (named == RowFormat::xmc) {
    return std::make_unique<XmcReader>(LineReader(path), find_label_names(path, options));
  }
  const bool is_csv = named == RowFormat::csv;
  LineReader lines(path,
                   is_csv ? LineReader::CarriageReturn::keep : LineReader::CarriageReturn::strip);
  if (named == RowFormat::automatic) {
    throw DataError(lines.name(), 0,
                    fmt::format("the name does not tell the format: it must end in {} (compressed "
                                "or not), or the format must be given",
                                kRowSuffixList));
  }
  if (named == RowFormat::jsonl) return std::make_unique<JsonlReader>(std::move(lines));
  if (named == RowFormat::libsvm) return std::make_unique<LibsvmReader>(std::move(lines));
  if (named == RowFormat::fasttext) {
    return std::make_unique<FasttextReader>(std::move(lines), options.label_prefix);
  }

  RecordReader records(std::move(lines), is_csv ? FieldSyntax::csv : FieldSyntax::tsv);
  std::vector<std::string> header;
  if (!records.next(header)) throw DataError(records.name(), 0, "is empty: it has no header");
  if (named == RowFormat::semeval || (!forced && !is_csv && is_semeval_header(header))) {
    return std::make_unique<SemevalReader>(std::move(records), std::move(header));
  }
  return std::make_unique<DelimitedReader>(std::move(records), std::move(header), options);
}

std::string stem_of_rows(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  name.resize(without_compression(name).size());
  if (format_of_name(name) != RowFormat::automatic) name.resize(name.rfind('.'));
  return name;
}

std::vector<std::string> files_of_rows(const std::string& path, const ReadOptions& options) {
  std::optional<std::string> labels;
  const RowFormat named = named_format(path, options);
  if (named == RowFormat::sgm) labels = find_sgm_labels(path);
  if (named == RowFormat::mulan) labels = find_mulan_labels(path, options);
  if (named == RowFormat::xmc) labels = find_label_names(path, options);
  std::vector<std::string> files{path};
  if (labels) files.push_back(std::move(*labels));
  return files;
}

}  // namespace labelbeam
