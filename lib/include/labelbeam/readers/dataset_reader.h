#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/readers/row_reader.h>

#include <cstddef>
#include <string>
#include <vector>

namespace labelbeam {

/// What is done with a label that the vocabulary does not have.
enum class UnknownLabels {
  error,   ///< `DataError`
  ignore,  ///< dropped from the row
  miss,    ///< added at the end of the vocabulary: no model predicts it, so it counts as missed
};

/// The labels of a file that the vocabulary did not have.
struct UnknownLabelCounts {
  std::size_t occurrences = 0;
  std::size_t rows = 0;             ///< rows with at least one
  std::vector<std::string> labels;  ///< each once, sorted

  bool operator==(const UnknownLabelCounts&) const = default;
};

/// Rows read against a vocabulary.
struct DatasetWithUnknowns {
  Dataset data;  ///< its vocabulary starts with the given one, and is longer only under `miss`
  UnknownLabelCounts unknown;
};

/// Reads rows and the vocabulary that they define: the names in the header and in the rows, sorted
/// bytewise, so that ids do not depend on the order of rows.
///
/// `max_rows` > 0 keeps that many rows, those whose ids have the smallest hashes, in file order;
/// the vocabulary is that of the whole file. Throws as `open_rows` does, and `DataError` for a file
/// without rows or a repeated id.
Dataset read_dataset(const std::string& path, const ReadOptions& options = {},
                     std::size_t max_rows = 0);

/// Reads rows against a vocabulary. Otherwise as above.
DatasetWithUnknowns read_dataset(const std::string& path, const ReadOptions& options,
                                 const LabelVocab& labels, UnknownLabels unknown_labels,
                                 std::size_t max_rows = 0);

/// How a data folder is read.
struct DataFolderOptions {
  ReadOptions read = {};                                ///< for every file
  UnknownLabels unknown_labels = UnknownLabels::error;  ///< in valid and test
  std::size_t max_train_rows = 0;                       ///< 0: all; else a sample by id
  std::size_t max_valid_rows = 0;                       ///< 0: all; else a sample by id
  std::size_t max_test_rows = 0;                        ///< 0: all; else a sample by id
};

/// Train, valid and test of one data set.
struct DataFolder {
  Dataset train;  ///< defines the vocabulary
  Dataset valid;
  Dataset test;
  UnknownLabelCounts valid_unknown;
  UnknownLabelCounts test_unknown;
};

/// The file of one split in a folder: NAME.SUFFIX for any suffix that `open_rows` knows.
///
/// `split` is train, valid or test; valid may also be called dev. Throws `MissingFileError` where
/// there is none, `DataError` where there are several.
std::string find_split(const std::string& folder, const std::string& split);

/// Reads train, valid and test of a folder. Throws as `find_split` and `read_dataset` do.
DataFolder read_data_folder(const std::string& folder, const DataFolderOptions& options = {});

}  // namespace labelbeam
