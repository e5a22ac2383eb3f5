#include <labelbeam/error.h>
#include <labelbeam/readers/row_reader.h>

#include <utility>

#include "readers/delimited_reader.h"
#include "readers/file_format.h"
#include "readers/jsonl_reader.h"
#include "readers/semeval_reader.h"

namespace labelbeam {

std::unique_ptr<RowReader> open_rows(const std::string& path, const ReadOptions& options) {
  const bool forced = options.format != RowFormat::automatic;
  const RowFormat named = forced ? options.format : format_of_name(path);
  const bool is_csv = named == RowFormat::csv;
  LineReader lines(path,
                   is_csv ? LineReader::CarriageReturn::keep : LineReader::CarriageReturn::strip);
  if (named == RowFormat::automatic) {
    throw DataError(
        lines.name(), 0,
        "the name does not tell the format: it must end in .jsonl, .json, .csv, .tsv or "
        ".txt (compressed or not), or the format must be given");
  }
  if (named == RowFormat::jsonl) return std::make_unique<JsonlReader>(std::move(lines));

  RecordReader records(std::move(lines), is_csv ? FieldSyntax::csv : FieldSyntax::tsv);
  std::vector<std::string> header;
  if (!records.next(header)) throw DataError(records.name(), 0, "is empty: it has no header");
  if (named == RowFormat::semeval || (!forced && !is_csv && is_semeval_header(header))) {
    return std::make_unique<SemevalReader>(std::move(records), std::move(header));
  }
  return std::make_unique<DelimitedReader>(std::move(records), std::move(header), options);
}

}  // namespace labelbeam
