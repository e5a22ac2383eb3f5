#pragma once

#include <labelbeam/dataset.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace labelbeam {

/// One row of a file, its labels still names.
struct Row {
  std::string id;  ///< the number of the row, from 1, where the file gives none
  std::optional<std::string> text;
  std::vector<std::string> labels;  ///< as in the file
  bool labelled = true;             ///< false: the row says nothing of its labels
  std::vector<float> dense;         ///< dense features, or empty
  SparseFeatures sparse;            ///< sparse features, or empty
  std::string group;
  double weight = 1.0;
  std::size_t line = 0;  ///< where the row starts, from 1
};

/// The formats of labelled rows.
enum class RowFormat {
  automatic,  ///< by the file name, and the SemEval format by its header
  jsonl,      ///< an object a line: {"id", "text", "labels", "group", "weight", "features"}
  csv,        ///< RFC 4180 with a header
  tsv,        ///< tabs, no quotes, with a header
  semeval,    ///< ID, Tweet, then a 0/1 column a label; NONE where nothing is known
};

/// How rows are read. The columns concern CSV and TSV; a column that is not there is left out, but
/// for a label column.
struct ReadOptions {
  RowFormat format = RowFormat::automatic;      ///< overrides the file name
  std::string id_column = "id";                 ///< unique names of the rows
  std::string text_column = "text";             ///< what the model reads
  std::string labels_column = "labels";         ///< label names joined by `label_separator`
  std::string group_column = "group";           ///< rows of one group never straddle a split
  std::string weight_column = "weight";         ///< finite, at least 0
  char label_separator = ';';                   ///< between the names in `labels_column`
  std::vector<std::string> label_columns = {};  ///< 0/1 columns, used instead of `labels_column`
};

/// Rows of a file, one after the other, in bounded memory.
class RowReader {
 public:
  virtual ~RowReader() = default;

  /// The next row; false at the end. Throws `DataError` with the line.
  virtual bool next(Row& row) = 0;
  /// The name of the file, for messages.
  virtual const std::string& name() const = 0;
  /// The labels that the file's header names, whether or not a row has them; empty for formats that
  /// name labels in rows only.
  virtual const std::vector<std::string>& header_labels() const = 0;
};

/// Opens a file of rows, compressed or not.
///
/// `RowFormat::automatic` goes by the name: .jsonl, .ndjson and .json, .csv, .tsv and .txt, each
/// with or without a compression suffix; a .tsv or .txt file whose header starts with ID and Tweet
/// is SemEval's. Throws `MissingFileError`, and `DataError` for a name that says nothing or a
/// header without the columns that are needed.
std::unique_ptr<RowReader> open_rows(const std::string& path, const ReadOptions& options = {});

}  // namespace labelbeam
