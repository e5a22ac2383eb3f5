#pragma once

#include <labelbeam/readers/row_reader.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace labelbeam {

/// File name suffixes and what they mean; .tsv may also be SemEval's, .arff also MEKA's.
inline constexpr std::array<std::pair<std::string_view, RowFormat>, 12> kRowSuffixes{{
    {".jsonl", RowFormat::jsonl},
    {".ndjson", RowFormat::jsonl},
    {".json", RowFormat::jsonl},
    {".csv", RowFormat::csv},
    {".tsv", RowFormat::tsv},
    {".txt", RowFormat::tsv},
    {".fasttext", RowFormat::fasttext},
    {".src", RowFormat::sgm},
    {".svm", RowFormat::libsvm},
    {".libsvm", RowFormat::libsvm},
    {".arff", RowFormat::mulan},
    {".xmc", RowFormat::xmc},
}};

inline constexpr std::array<std::string_view, 5> kCompressionSuffixes{".gz", ".zst", ".xz", ".bz2",
                                                                      ".lz4"};

/// The suffixes, for messages.
inline constexpr std::string_view kRowSuffixList =
    ".jsonl, .csv, .tsv, .txt, .fasttext, .src, .svm, .arff or .xmc";

/// A path without its compression suffix.
std::string_view without_compression(std::string_view path);

/// The format that a file name says; `automatic` where it says nothing.
RowFormat format_of_name(std::string_view path);

}  // namespace labelbeam
