#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/readers/row_reader.h>

#include <string>

namespace labelbeam {

/// How a data set is written.
struct WriteOptions {
  RowFormat format = RowFormat::automatic;  ///< overrides the file name; .tsv is plain TSV
  char label_separator = ';';               ///< CSV and TSV: between label names
};

/// Writes a data set in any format that `open_rows` reads, atomically; .gz and .zst compress.
///
/// JSONL carries everything. CSV and TSV carry no features, and not labelled and unlabelled rows
/// together; TSV no tab, line feed or carriage return; SemEval's format needs texts, and leaves
/// groups and weights out. What the format cannot carry is `std::invalid_argument` with the row,
/// and nothing is written. Throws `WriteError` where the file cannot be written.
void write_dataset(const std::string& path, const Dataset& data, const WriteOptions& options = {});

}  // namespace labelbeam
