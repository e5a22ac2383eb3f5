#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/readers/row_reader.h>

#include <string>

namespace labelbeam {

/// How a data set is written.
struct WriteOptions {
  /// Overrides the file name; .tsv is plain TSV, .arff MULAN's.
  RowFormat format = RowFormat::automatic;
  char label_separator = ';';              ///< CSV and TSV: between label names
  std::string label_prefix = "__label__";  ///< fastText: how a label starts
};

/// Writes a data set in any format that `open_rows` reads, atomically; .gz and .zst compress.
///
/// JSONL carries everything, and so does ARFF, both MULAN's and MEKA's. CSV and TSV carry no
/// features, and not labelled and unlabelled rows together; TSV no tab, line feed or carriage
/// return; SemEval's format needs texts, and leaves groups and weights out. fastText, SGM, LIBSVM
/// and XMC leave these and ids out, as their rows are numbered, and carry no unlabelled rows.
/// fastText and SGM need texts, and labels without spaces. LIBSVM and XMC carry features alone,
/// dense ones as sparse ones; LIBSVM needs label names that are whole numbers; in XMC names that
/// are the numbers from 0 to L - 1 are the ids, else the order of the vocabulary is.
///
/// Labels that no row has are left out by JSONL, CSV, TSV, fastText, SGM and LIBSVM, and declared
/// features that no row has by JSONL and LIBSVM. ARFF has a line of the header for each attribute,
/// of which there may be 2^20.
///
/// A second file is written beside NAME.src (NAME.tgt), MULAN's NAME.arff (NAME.xml) and NAME.xmc
/// (NAME.labels.txt); it must not be the first. What the format cannot carry is
/// `std::invalid_argument` with the row, or the label, and nothing is written. Throws `WriteError`
/// where a file cannot be written.
void write_dataset(const std::string& path, const Dataset& data, const WriteOptions& options = {});

}  // namespace labelbeam
