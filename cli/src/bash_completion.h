#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace labelbeam::cli {

/// A script for bash that completes the program's commands, their options and the words that
/// options take. Everything else is completed as a file name.
std::string bash_completion(const CLI::App& program);

}  // namespace labelbeam::cli
