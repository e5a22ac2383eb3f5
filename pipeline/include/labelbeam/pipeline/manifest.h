#pragma once

#include <labelbeam/readers/row_reader.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// A command as it was given.
struct Invocation {
  std::string command;  ///< "compare"
  /// Values by the names of the options, without dashes; none for a flag.
  std::map<std::string, std::vector<std::string>> options;
};

/// An input file as a run found it.
struct InputRecord {
  std::string role;         ///< "train", "valid", "test", "labels", "vectors", "config"
  std::string path;         ///< as the run named it
  std::uint64_t bytes = 0;  ///< decompressed
  std::string fingerprint;  ///< `stable_hash` of the bytes, 16 hexadecimal digits
};

/// Reads a file from its start to its end. Throws as `InputFile` does.
InputRecord record_input(const std::string& role, const std::string& path);

/// Records all files of a data folder, each once: train, valid and test, with the files of labels
/// beside them under the same roles, and `read.labels_file` as "labels". Throws as `find_split`,
/// `files_of_rows` and `InputFile` do.
std::vector<InputRecord> record_data(const std::string& folder, const ReadOptions& read = {});

/// Looks for the files of the data folder, those of the roles train, valid and test, in another
/// folder.
void move_data(std::vector<InputRecord>& inputs, const std::string& folder);

/// What a run was asked for and what it read: what another run needs to repeat it.
struct Provenance {
  Invocation invocation;
  std::vector<InputRecord> inputs;
};

/// A manifest as docs/schemas/manifest.schema.json says.
struct Manifest {
  Provenance provenance;
  int threads = 0;
  std::string labelbeam;  ///< version
  std::string libtorch;   ///< version
};

/// Throws `DataError` for anything but a manifest of a run of the command line.
Manifest read_manifest(const std::string& file);

/// Throws `DataError`, naming the file, for the first input that is not as recorded, and
/// `MissingFileError` for one that is not there.
void check_inputs(const std::vector<InputRecord>& inputs);

/// One figure, text or field that two reports do not share.
struct Difference {
  std::string where;   ///< a JSON pointer
  std::string first;   ///< as JSON; empty where it is missing
  std::string second;  ///< as JSON; empty where it is missing
  double size = 0.0;   ///< |second - first|; infinite where they are not two numbers
};

struct ReportDifferences {
  std::uint64_t figures = 0;            ///< numbers of the first report that were looked at
  std::vector<Difference> differences;  ///< the largest first
};

/// Compares two files that `compare` wrote as report.json, number by number and without any
/// tolerance. Left out is what says where a run took place and how long it took: the manifest, the
/// name and the source of the data, and seconds. Throws `DataError` for what is not JSON,
/// `MissingFileError`.
ReportDifferences compare_reports(const std::string& first, const std::string& second);

}  // namespace labelbeam::pipeline
