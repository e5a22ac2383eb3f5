#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/split.h>

#include <optional>
#include <string>

namespace labelbeam::pipeline {

/// Where the rows of a data folder come from: its source.json. For reports.
struct DataSource {
  std::string name;
  std::string source;  ///< one phrase
  bool synthetic = false;
  std::string summary_json = "{}";  ///< counts of what was read and kept: a JSON object
};

/// Writes FOLDER/{train,valid,test}.jsonl.gz and source.json; the folder is made if needed.
///
/// All files are written aside before the first is put in its place, so that a full disk leaves
/// what was there. Throws `WriteError`; `std::invalid_argument` where the folder already holds a
/// split under another name (two files of one split could not be told apart), or a part is empty.
void write_data_folder(const std::string& folder, const SplitDataset& data,
                       const DataSource& source);

/// FOLDER/source.json, if there is one. Throws `DataError` for anything but a JSON object with
/// those fields.
std::optional<DataSource> read_data_source(const std::string& folder);

}  // namespace labelbeam::pipeline
