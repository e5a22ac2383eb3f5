#include <fmt/format.h>
#include <labelbeam/eval/graph_picture.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/kamada_kawai_spring_layout.hpp>
#include <boost/graph/topology.hpp>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "graph_marks.h"

namespace labelbeam::eval {
namespace {

constexpr double kGap = 6.0;              // between boxes
constexpr double kMargin = 16.0;          // around them all
constexpr double kInsideLength = 1.0;     // of a spring in a community
constexpr double kAcrossLength = 1.8;     // of one between communities
constexpr double kApartLength = 2.5;      // between parts that no edge joins
constexpr double kRoom = 5.0;             // area of the picture over the area of its boxes
constexpr int kSweepsBeforeGrowth = 200;  // of pushing boxes apart

using Topology = boost::square_topology<>;
using Point = Topology::point_type;
using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property,
                          boost::property<boost::edge_weight_t, double>>;

struct Spring {
  std::size_t first, second;
  double length;
};

/// The springs between nodes 0..n-1, and one from every part to the first part.
Graph spring_graph(std::size_t num_nodes, const std::vector<Spring>& springs) {
  Graph graph(num_nodes);
  for (const Spring& spring : springs) {
    boost::add_edge(spring.first, spring.second, spring.length, graph);
  }
  std::vector<std::size_t> part(num_nodes);
  const std::size_t num_parts = boost::connected_components(graph, part.data());
  for (std::size_t p = 1; p < num_parts; ++p) {
    const auto at = std::find(part.begin(), part.end(), p) - part.begin();
    boost::add_edge(0, static_cast<std::size_t>(at), kApartLength, graph);
  }
  return graph;
}

/// Places in units of springs. `start_order`: the nodes along the circle that they start on.
std::vector<Point> settle(std::size_t num_nodes, const std::vector<Spring>& springs,
                          const std::vector<std::size_t>& start_order) {
  const Graph graph = spring_graph(num_nodes, springs);
  std::vector<Point> places(num_nodes);
  for (std::size_t k = 0; k < num_nodes; ++k) {
    const double angle =
        2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(num_nodes);
    places[start_order[k]][0] = std::cos(angle);
    places[start_order[k]][1] = std::sin(angle);
  }
  if (num_nodes < 2) return places;
  const Topology plane;
  boost::kamada_kawai_spring_layout(
      graph, boost::make_iterator_property_map(places.begin(), get(boost::vertex_index, graph)),
      get(boost::edge_weight, graph), plane, boost::side_length(1.0));
  return places;
}

bool overlap(const NodeBox& a, const NodeBox& b) {
  return a.x < b.x + b.width + kGap && b.x < a.x + a.width + kGap && a.y < b.y + b.height + kGap &&
         b.y < a.y + a.height + kGap;
}

/// Moves two boxes that overlap apart, the shorter way.
void push_apart(NodeBox& a, NodeBox& b) {
  const double right = a.x + a.width + kGap - b.x;
  const double left = b.x + b.width + kGap - a.x;
  const double down = a.y + a.height + kGap - b.y;
  const double up = b.y + b.height + kGap - a.y;
  constexpr double kHalf = 0.5 + 1e-6;
  if (std::min(right, left) < std::min(down, up)) {
    const double step = kHalf * (right < left ? right : -left);
    a.x -= step;
    b.x += step;
  } else {
    const double step = kHalf * (down < up ? down : -up);
    a.y -= step;
    b.y += step;
  }
}

/// Pushes boxes until none overlap; where they get stuck, all move away from the middle.
void separate(std::vector<NodeBox>& boxes) {
  for (int sweep = 1;; ++sweep) {
    bool clean = true;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (!overlap(boxes[i], boxes[j])) continue;
        clean = false;
        push_apart(boxes[i], boxes[j]);
      }
    }
    if (clean) return;
    if (sweep % kSweepsBeforeGrowth != 0) continue;
    for (NodeBox& box : boxes) {
      box.x *= 1.2;
      box.y *= 1.2;
    }
  }
}

/// The boxes of the nodes that have edges, around their settled places.
std::vector<NodeBox> place_joined(const GraphPicture& picture,
                                  const std::vector<std::size_t>& joined,
                                  std::vector<NodeBox> boxes) {
  std::vector<std::size_t> index(picture.nodes.size());
  for (std::size_t k = 0; k < joined.size(); ++k) index[joined[k]] = k;
  std::vector<Spring> springs;
  for (const PictureEdge& edge : picture.edges) {
    const bool inside = picture.nodes[edge.first].community == picture.nodes[edge.second].community;
    springs.push_back(
        {index[edge.first], index[edge.second], inside ? kInsideLength : kAcrossLength});
  }
  std::vector<std::size_t> order(joined.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return picture.nodes[joined[a]].community < picture.nodes[joined[b]].community;
  });
  const std::vector<Point> places = settle(joined.size(), springs, order);

  double area = 0.0, left = 0.0, right = 0.0, top = 0.0, bottom = 0.0;
  for (std::size_t k = 0; k < joined.size(); ++k) {
    area += (boxes[k].width + kGap) * (boxes[k].height + kGap);
    left = std::min(left, places[k][0]);
    right = std::max(right, places[k][0]);
    top = std::min(top, places[k][1]);
    bottom = std::max(bottom, places[k][1]);
  }
  const double side = std::sqrt(kRoom * area);
  // Names are wide: the picture is half as wide again as high.
  const double x_scale = 1.25 * side / std::max(right - left, 1e-9);
  const double y_scale = 0.8 * side / std::max(bottom - top, 1e-9);
  for (std::size_t k = 0; k < joined.size(); ++k) {
    boxes[k].x = places[k][0] * x_scale;
    boxes[k].y = places[k][1] * y_scale;
  }
  separate(boxes);
  return boxes;
}

void check(const GraphPicture& picture) {
  if (picture.nodes.empty())
    throw std::invalid_argument("a label graph without labels: nothing to draw");
  for (const PictureNode& node : picture.nodes) {
    if (std::isfinite(node.count)) continue;
    throw std::invalid_argument(
        fmt::format("the count of the label \"{}\" is not a finite number", node.name));
  }
  for (const PictureEdge& edge : picture.edges) {
    if (edge.first >= picture.nodes.size() || edge.second >= picture.nodes.size()) {
      throw std::invalid_argument(
          fmt::format("an edge joins the labels {} and {}, but there are {}", edge.first,
                      edge.second, picture.nodes.size()));
    }
    if (edge.first == edge.second) {
      throw std::invalid_argument(fmt::format("an edge joins the label \"{}\" with itself",
                                              picture.nodes[edge.first].name));
    }
    if (!std::isfinite(edge.strength)) {
      throw std::invalid_argument(
          fmt::format("the strength between \"{}\" and \"{}\" is not a finite number",
                      picture.nodes[edge.first].name, picture.nodes[edge.second].name));
    }
  }
}

}  // namespace

void check_picture(const GraphPicture& picture) { check(picture); }

GraphLayout layout_graph(const GraphPicture& picture) {
  check(picture);
  const double largest = largest_count(picture);
  std::vector<bool> has_edge(picture.nodes.size(), false);
  for (const PictureEdge& edge : picture.edges) has_edge[edge.first] = has_edge[edge.second] = true;
  std::vector<std::size_t> joined, alone;
  GraphLayout layout;
  std::vector<NodeBox> joined_boxes;
  for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
    const double radius = mark_radius(picture.nodes[n].count, largest);
    layout.boxes.push_back({0.0, 0.0, 2.0 * radius + kNameGap + name_width(picture.nodes[n].name),
                            std::max(2.0 * radius, kFontSize + 4.0)});
    (has_edge[n] ? joined : alone).push_back(n);
    if (has_edge[n]) joined_boxes.push_back(layout.boxes.back());
  }
  if (!joined.empty()) joined_boxes = place_joined(picture, joined, std::move(joined_boxes));

  double left = 0.0, top = 0.0;
  for (std::size_t k = 0; k < joined.size(); ++k) {
    left = k == 0 ? joined_boxes[k].x : std::min(left, joined_boxes[k].x);
    top = k == 0 ? joined_boxes[k].y : std::min(top, joined_boxes[k].y);
  }
  layout.width = 640.0;
  for (std::size_t k = 0; k < joined.size(); ++k) {
    NodeBox& box = layout.boxes[joined[k]];
    box.x = joined_boxes[k].x - left + kMargin;
    box.y = joined_boxes[k].y - top + kMargin;
    layout.width = std::max(layout.width, box.x + box.width + kMargin);
    layout.height = std::max(layout.height, box.y + box.height + kMargin);
  }
  double x = kMargin, y = std::max(layout.height, kMargin), row_height = 0.0;
  for (const std::size_t n : alone) {
    NodeBox& box = layout.boxes[n];
    if (x > kMargin && x + box.width + kMargin > layout.width) {
      x = kMargin;
      y += row_height + kGap;
      row_height = 0.0;
    }
    box.x = x;
    box.y = y;
    x += box.width + 2.0 * kGap;
    row_height = std::max(row_height, box.height);
    layout.width = std::max(layout.width, box.x + box.width + kMargin);
    layout.height = y + row_height + kMargin;
  }
  return layout;
}

}  // namespace labelbeam::eval
