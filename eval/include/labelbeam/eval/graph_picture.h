#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

/// Pictures of label co-occurrence graphs, as SVG documents that stand alone or inside a page.
/// Nothing is told by colour alone: communities have shapes too, negative edges are dashed.
namespace labelbeam::eval {

struct PictureNode {
  std::string name;
  double count = 0.0;         ///< rows with the label; the area of its mark
  std::size_t community = 0;  ///< communities are numbered from 0, the largest first
};

struct PictureEdge {
  std::size_t first = 0;  ///< into `GraphPicture::nodes`
  std::size_t second = 0;
  /// The measure; its size is the width, below 0: the labels avoid each other.
  double strength = 0.0;
  std::string note = {};   ///< what the tooltip says besides
  bool is_framed = false;  ///< stands out in a heat map
};

struct GraphPicture {
  std::string title;
  std::string measure;  ///< what `strength` is, for the legend: "NPMI"
  std::vector<PictureNode> nodes;
  std::vector<PictureEdge> edges;
  std::size_t num_left_out = 0;  ///< pairs that are not among `edges`, for the legend
};

/// Where a label's mark and name are, in pixels.
struct NodeBox {
  double x = 0.0;  ///< left
  double y = 0.0;  ///< top
  double width = 0.0;
  double height = 0.0;
};

struct GraphLayout {
  double width = 0.0;
  double height = 0.0;
  std::vector<NodeBox> boxes;  ///< [nodes]; no two overlap
  /// Around the labels of each community of two or more; no two overlap.
  std::map<std::size_t, NodeBox> regions = {};
};

/// The most labels that `draw_graph` shows as marks and lines; more are a heat map.
inline constexpr std::size_t kMaxDrawnNodes = 150;

/// Places every label. Inside a community: springs whose lengths are the shortest paths over the
/// edges above 0 (Kamada & Kawai 1989), then boxes are pushed apart until none overlap. The
/// communities are packed, the largest first, each where the picture stays small and its edges to
/// others short. Labels on their own without edges stand in rows below. The same picture gives the
/// same layout. O(n^3) for n labels.
///
/// Throws `std::invalid_argument` for no node, an edge that leads to no node or to itself, and a
/// count or strength that is not finite.
GraphLayout layout_graph(const GraphPicture& picture);

/// Marks and lines as `layout_graph` places them, with a legend; of more than `kMaxDrawnNodes`
/// labels the heat map. Throws as `layout_graph` does.
std::string draw_graph(const GraphPicture& picture);

/// A matrix of the labels ordered by community, then count: a square a pair, as large as its
/// strength, filled where positive and hollow where negative. Throws as `layout_graph` does.
std::string draw_heat_map(const GraphPicture& picture);

/// A heat map of two graphs of the same labels, in the order of the first: `upper` above the
/// diagonal, `lower` below it. Throws as `layout_graph` does, and `std::invalid_argument` for other
/// labels.
std::string draw_triangles(const GraphPicture& upper, const std::string& upper_name,
                           const GraphPicture& lower, const std::string& lower_name);

}  // namespace labelbeam::eval
