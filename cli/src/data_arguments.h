#pragma once

#include <labelbeam/readers/dataset_reader.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "command.h"

namespace labelbeam::cli {

/// The group of the options that say how files of rows are read or written.
inline constexpr const char* kFormatOptionsGroup = "Formats";

/// An option that takes the name of a format.
void add_format_option(CLI::App& command, const std::string& name, RowFormat& format,
                       const std::string& what);

/// Options that say how files of rows are read.
void add_read_options(CLI::App& command, ReadOptions& options);

/// Options of commands that read a data folder.
struct DataArguments {
  std::string folder;
  DataFolderOptions options{{}, UnknownLabels::miss};
  std::size_t sample = 0;  ///< rows of train; 0: all
};
void add_data_options(CLI::App& command, DataArguments& arguments);

/// Reads the folder, warns of labels that train lacks, and refuses rows without text or labels.
DataFolder read_data(Session& session, const DataArguments& arguments);

/// Whether two paths say the same, whatever there is; empty ones do not.
bool is_same_path(const std::string& a, const std::string& b);

/// Throws `std::invalid_argument` where the file that an option writes is one of the files that are
/// read ("-" and "" are none), or train, valid or test of a folder among these.
void refuse_to_overwrite(const std::string& option, const std::string& output,
                         const std::vector<std::string>& inputs);

/// The folder that a file is in, for `remove_parts_of`.
std::string folder_of(const std::string& file);

}  // namespace labelbeam::cli
