#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/label_vocab.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace labelbeam {

/// Throws `std::invalid_argument` that names the row.
[[noreturn]] void refuse(const Example& row, const std::string& reason);

/// The names of a row's labels, in the order of their ids.
std::vector<std::string> names_of(const Example& row, const LabelVocab& labels);

/// Refuses a row that has features; `format` carries none.
void refuse_features(const Example& row, std::string_view format);
/// Refuses a row that has a text; `format` carries none.
void refuse_text(const Example& row, std::string_view format);
/// Refuses a row that says nothing of its labels; in `format` it would look like one without any.
void refuse_unlabelled(const Example& row, std::string_view format);
/// Whether a text is not UTF-8 or holds a zero byte.
bool is_broken_text(std::string_view text);
/// Refuses such a text.
void refuse_broken_text(std::string_view text, const Example& row);

/// A row's text as a line of its own; refuses what is not there or holds a line break.
const std::string& text_line(const Example& row, std::string_view format);
/// A label as one word; refuses a name with a space in it.
const std::string& label_word(const std::string& name, const Example& row, std::string_view format);

/// A feature, as short as it reads back exactly; refuses what is not finite.
std::string feature_text(float value, const Example& row);
/// The features that are not zero, of a dense row too: indices ascending.
std::vector<std::pair<std::uint32_t, float>> sparse_features(const Example& row);

/// Refuses two files of one data set that are the same file.
void refuse_same_file(const std::string& path, const std::string& labels_path);

/// Refuses rows whose first line would start with a byte order mark, which a reader takes off.
void refuse_byte_order_mark(std::string_view first_line, const Example& row);

}  // namespace labelbeam
