#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace labelbeam {

/// Takes a word and its vector; neither outlives the call.
using VectorRowSink = std::function<void(std::string_view word, std::span<const float> row)>;

/// Streams the rows of one file of vectors. `dimension` = 0 takes it from the file and is set;
/// otherwise the file must have that dimension.
void read_vector_file(const std::string& path, std::size_t& dimension, const VectorRowSink& sink);

}  // namespace labelbeam
