#pragma once

#include <labelbeam/eval/graph_picture.h>
#include <labelbeam/writers/label_graph.h>

#include <cstddef>
#include <optional>
#include <string>

namespace labelbeam::pipeline {

/// How `labelbeam graph` draws.
struct GraphPictureOptions {
  std::string title = "Label graph";
  bool matrix = false;  ///< a heat map whatever the number of labels
  /// Most edges of marks and lines; none: `default_max_edges`. A heat map shows all.
  std::optional<std::size_t> max_edges = std::nullopt;
};

/// As many edges as stay readable: three times the labels where these are few, the labels and a
/// half of many.
std::size_t default_max_edges(std::size_t num_labels);

/// The graph as it is drawn. Each label keeps its strongest edge (above 0 where it has one), then
/// the strongest of all are added, up to `max_edges`. Edges below 0 are added up to a quarter of
/// `max_edges`, rounded down; those that labels keep count too.
///
/// Strengths are the graph's values; of measures without a sign they are negative where labels
/// avoid each other, of lift the logarithm, and -inf is drawn as the strongest finite one. Without
/// communities in the document all labels are of one.
eval::GraphPicture graph_picture(const LabelGraphDocument& document,
                                 const GraphPictureOptions& options = {});

/// An SVG document.
std::string to_svg(const LabelGraphDocument& document, const GraphPictureOptions& options = {});

/// Throws `std::invalid_argument` where a file name says no format that `write_graph_file` writes.
void check_graph_file(const std::string& path);

/// Writes .svg, and what `write_label_graph` writes.
void write_graph_file(const std::string& path, const LabelGraphDocument& document,
                      const GraphPictureOptions& options = {});

/// Whether the name of a file says SVG, whatever the case.
bool is_svg(const std::string& path);

}  // namespace labelbeam::pipeline
