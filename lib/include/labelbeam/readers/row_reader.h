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
  automatic,  ///< by the file name; the SemEval format by its header, ARFF by what names its labels
  jsonl,      ///< an object a line: {"id", "text", "labels", "group", "weight", "features"}
  csv,        ///< RFC 4180 with a header
  tsv,        ///< tabs, no quotes, with a header
  semeval,    ///< ID, Tweet, then a 0/1 column a label; NONE where nothing is known
  fasttext,   ///< a text a line, with its labels as words __label__NAME
  sgm,        ///< texts in NAME.src, their labels in NAME.tgt, line by line
  libsvm,     ///< label ids, then index:value, indices from 1
  mulan,      ///< ARFF, dense or sparse; an XML file names the labels
  meka,       ///< ARFF, dense or sparse; "-C n" in the relation counts the labels
  xmc,        ///< a header with counts, then label ids and index:value, indices from 0
};

/// How rows are read. The columns concern CSV and TSV; a column that is not there is left out, but
/// for a label column. Those of ids, texts and groups also name string attributes of ARFF files.
struct ReadOptions {
  RowFormat format = RowFormat::automatic;      ///< overrides the file name
  std::string id_column = "id";                 ///< unique names of the rows
  std::string text_column = "text";             ///< what the model reads
  std::string labels_column = "labels";         ///< label names joined by `label_separator`
  std::string group_column = "group";           ///< rows of one group never straddle a split
  std::string weight_column = "weight";         ///< finite, at least 0
  char label_separator = ';';                   ///< between the names in `labels_column`
  std::vector<std::string> label_columns = {};  ///< 0/1 columns, used instead of `labels_column`
  std::string label_prefix = "__label__";       ///< fastText: how a label starts
  /// MULAN: the XML file; XMC: the names of the labels, one a line. Empty: the one beside the file.
  std::string labels_file = "";
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
  /// name labels in rows only, and for XMC without names, whose header only counts them.
  virtual const std::vector<std::string>& header_labels() const = 0;
  /// The number of features that the file's header declares; 0 where it says nothing of them.
  virtual std::size_t num_features() const { return 0; }
};

/// Opens a file of rows, compressed or not.
///
/// `RowFormat::automatic` goes by the name: .jsonl, .ndjson and .json, .csv, .tsv and .txt,
/// .fasttext, .src, .svm and .libsvm, .arff, .xmc, each with or without a compression suffix; a
/// .tsv or .txt file whose header starts with ID and Tweet is SemEval's; a .arff file is MULAN's
/// where an XML file stands beside it, else MEKA's.
///
/// Beside NAME.arff, the XML file may be called as NAME starts, up to a - or _ or dot (rows.xml for
/// rows-train.arff), or be the only one in the folder; beside NAME.xmc, NAME.labels.txt holds the
/// names of the labels, if they have any. Throws `MissingFileError`, and `DataError` for a name
/// that says nothing or a header without what is needed.
std::unique_ptr<RowReader> open_rows(const std::string& path, const ReadOptions& options = {});

/// The name of a file without its folder and the suffixes that `open_rows` knows: "rows.v2" of
/// "data/rows.v2.jsonl.gz".
std::string stem_of_rows(const std::string& path);

/// The files that `open_rows` reads for a path: the path itself, and behind it the file of its
/// labels, where there is one. Throws `DataError` where the SGM format's path is no NAME.src.
std::vector<std::string> files_of_rows(const std::string& path, const ReadOptions& options = {});

}  // namespace labelbeam
