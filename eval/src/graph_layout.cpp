#include <fmt/format.h>
#include <labelbeam/eval/graph_picture.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/kamada_kawai_spring_layout.hpp>
#include <boost/graph/topology.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <stdexcept>
#include <utility>
#include <vector>

#include "graph_marks.h"

namespace labelbeam::eval {
namespace {

constexpr double kGap = 6.0;              // between boxes
constexpr double kMargin = 16.0;          // around them all
constexpr double kPadding = 12.0;         // between a community's labels and its edge
constexpr double kRegionGap = 14.0;       // between communities
constexpr double kApartLength = 1.5;      // of a spring between parts that no edge joins
constexpr double kRoom = 2.0;             // area of a community over the area of its boxes
constexpr double kAspect = 1.5;           // width of the picture over its height
constexpr int kSweepsBeforeGrowth = 200;  // of pushing boxes apart

using Topology = boost::square_topology<>;
using Point = Topology::point_type;
using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property,
                          boost::property<boost::edge_weight_t, double>>;

using Vertex = boost::graph_traits<Graph>::vertex_descriptor;

/// Ends the springs' movement. Boost's own tolerance compares successive labels, which are equal
/// where the start is symmetric, and so ends before the first step.
struct Settled {
  std::size_t steps_left;
  int inner_left = kInnerSteps;

  bool operator()(double force, Vertex, const Graph&, bool is_global) {
    if (is_global) {
      inner_left = kInnerSteps;
      return force < 1e-3 || steps_left-- == 0;
    }
    return force < 1e-3 || inner_left-- == 0;
  }

  static constexpr int kInnerSteps = 30;
};

using Ends = std::pair<std::size_t, std::size_t>;

/// Springs of length 1 between nodes 0..n-1, and one from every part to the first part.
Graph spring_graph(std::size_t num_nodes, const std::vector<Ends>& springs) {
  Graph graph(num_nodes);
  for (const auto& [first, second] : springs) boost::add_edge(first, second, 1.0, graph);
  std::vector<std::size_t> part(num_nodes);
  const std::size_t num_parts = boost::connected_components(graph, part.data());
  for (std::size_t p = 1; p < num_parts; ++p) {
    const auto at = std::find(part.begin(), part.end(), p) - part.begin();
    boost::add_edge(0, static_cast<std::size_t>(at), kApartLength, graph);
  }
  return graph;
}

/// Places in the unit square, as the springs have it.
std::vector<Point> settle(std::size_t num_nodes, const std::vector<Ends>& springs) {
  const Graph graph = spring_graph(num_nodes, springs);
  std::vector<Point> places(num_nodes);
  for (std::size_t k = 0; k < num_nodes; ++k) {
    const double angle =
        2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(num_nodes);
    places[k][0] = 0.5 * std::cos(angle);
    places[k][1] = 0.5 * std::sin(angle);
  }
  if (num_nodes < 2) return places;
  const Topology plane;
  boost::kamada_kawai_spring_layout(
      graph, boost::make_iterator_property_map(places.begin(), get(boost::vertex_index, graph)),
      get(boost::edge_weight, graph), plane, boost::side_length(1.0), Settled{50 * num_nodes});
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

/// Labels that are placed together, in a frame of their own.
struct Group {
  std::size_t community = 0;
  std::vector<std::size_t> nodes;
  std::vector<NodeBox> boxes;  // [nodes], from (0, 0) on
  double width = 0.0;
  double height = 0.0;
  bool is_region() const { return nodes.size() > 1; }
};

/// Moves the boxes to the frame's origin and measures it.
void frame(Group& group) {
  const double padding = group.is_region() ? kPadding : 0.0;
  double left = group.boxes.front().x, top = group.boxes.front().y;
  for (const NodeBox& box : group.boxes) {
    left = std::min(left, box.x);
    top = std::min(top, box.y);
  }
  for (NodeBox& box : group.boxes) {
    box.x += padding - left;
    box.y += padding - top;
    group.width = std::max(group.width, box.x + box.width + padding);
    group.height = std::max(group.height, box.y + box.height + padding);
  }
}

void place_inside(const GraphPicture& picture, Group& group) {
  const std::size_t size = group.nodes.size();
  std::map<std::size_t, std::size_t> index;
  for (std::size_t k = 0; k < size; ++k) index[group.nodes[k]] = k;
  std::vector<Ends> springs;
  for (const PictureEdge& edge : picture.edges) {
    const auto first = index.find(edge.first), second = index.find(edge.second);
    if (edge.strength <= 0.0 || first == index.end() || second == index.end()) continue;
    springs.emplace_back(first->second, second->second);
  }
  const std::vector<Point> places = settle(size, springs);
  double area = 0.0, left = 0.0, right = 0.0, top = 0.0, bottom = 0.0;
  for (std::size_t k = 0; k < size; ++k) {
    area += (group.boxes[k].width + kGap) * (group.boxes[k].height + kGap);
    left = std::min(left, places[k][0]);
    right = std::max(right, places[k][0]);
    top = std::min(top, places[k][1]);
    bottom = std::max(bottom, places[k][1]);
  }
  // Rows are nearer to each other than names are long.
  const double side = std::sqrt(kRoom * area);
  const double x_scale = 1.1 * side / std::max(right - left, 1e-9);
  const double y_scale = 0.9 * side / std::max(bottom - top, 1e-9);
  for (std::size_t k = 0; k < size; ++k) {
    group.boxes[k].x = places[k][0] * x_scale;
    group.boxes[k].y = places[k][1] * y_scale;
  }
  separate(group.boxes);
  frame(group);
}

/// By community; the largest frame first.
std::vector<Group> make_groups(const GraphPicture& picture, const std::vector<std::size_t>& joined,
                               const std::vector<NodeBox>& boxes) {
  std::map<std::size_t, Group> by_community;
  for (const std::size_t n : joined) {
    Group& group = by_community[picture.nodes[n].community];
    group.community = picture.nodes[n].community;
    group.nodes.push_back(n);
    group.boxes.push_back(boxes[n]);
  }
  std::vector<Group> groups;
  for (auto& [community, group] : by_community) {
    place_inside(picture, group);
    groups.push_back(std::move(group));
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.width * a.height > b.width * b.height;
  });
  return groups;
}

/// [groups][groups]: the sum of the sizes of the strengths between them.
std::vector<std::vector<double>> ties_between(const GraphPicture& picture,
                                              const std::vector<Group>& groups) {
  std::map<std::size_t, std::size_t> group_of;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const std::size_t n : groups[g].nodes) group_of[n] = g;
  }
  std::vector<std::vector<double>> ties(groups.size(), std::vector<double>(groups.size(), 0.0));
  for (const PictureEdge& edge : picture.edges) {
    const std::size_t a = group_of.at(edge.first), b = group_of.at(edge.second);
    if (a == b) continue;
    ties[a][b] += std::abs(edge.strength);
    ties[b][a] += std::abs(edge.strength);
  }
  return ties;
}

bool touch(const NodeBox& a, const NodeBox& b) {
  constexpr double kSlack = 1e-6;
  return a.x + kSlack < b.x + b.width + kRegionGap && b.x + kSlack < a.x + a.width + kRegionGap &&
         a.y + kSlack < b.y + b.height + kRegionGap && b.y + kSlack < a.y + a.height + kRegionGap;
}

/// Places beside a box, at its sides' ends and middles, for a box of this width and height.
std::vector<NodeBox> places_beside(const NodeBox& box, double width, double height) {
  std::vector<NodeBox> places;
  for (const double y : {box.y, box.y + (box.height - height) / 2.0, box.y + box.height - height}) {
    places.push_back({box.x + box.width + kRegionGap, y, width, height});
    places.push_back({box.x - kRegionGap - width, y, width, height});
  }
  for (const double x : {box.x, box.x + (box.width - width) / 2.0, box.x + box.width - width}) {
    places.push_back({x, box.y + box.height + kRegionGap, width, height});
    places.push_back({x, box.y - kRegionGap - height, width, height});
  }
  return places;
}

/// Where each group goes.
std::vector<NodeBox> pack(const GraphPicture& picture, const std::vector<Group>& groups) {
  const auto ties = ties_between(picture, groups);
  std::vector<NodeBox> placed{{0.0, 0.0, groups.front().width, groups.front().height}};
  double left = 0.0, top = 0.0, right = placed[0].width, bottom = placed[0].height;
  for (std::size_t g = 1; g < groups.size(); ++g) {
    NodeBox best;
    double least = std::numeric_limits<double>::infinity();
    for (const NodeBox& neighbour : placed) {
      for (const NodeBox& place : places_beside(neighbour, groups[g].width, groups[g].height)) {
        if (std::any_of(placed.begin(), placed.end(),
                        [&](const NodeBox& other) { return touch(place, other); })) {
          continue;
        }
        const double width = std::max(right, place.x + place.width) - std::min(left, place.x);
        const double height = std::max(bottom, place.y + place.height) - std::min(top, place.y);
        double tie = 0.0, distance = 0.0;
        for (std::size_t other = 0; other < g; ++other) {
          const NodeBox& box = placed[other];
          tie += ties[g][other];
          distance +=
              ties[g][other] * std::hypot(place.x + place.width / 2.0 - box.x - box.width / 2.0,
                                          place.y + place.height / 2.0 - box.y - box.height / 2.0);
        }
        const double cost = std::max(width, kAspect * height) + 0.15 * (width + height) +
                            (tie > 0.0 ? 0.25 * distance / tie : 0.0);
        if (cost < least - 1e-6) {
          least = cost;
          best = place;
        }
      }
    }
    placed.push_back(best);
    left = std::min(left, best.x);
    top = std::min(top, best.y);
    right = std::max(right, best.x + best.width);
    bottom = std::max(bottom, best.y + best.height);
  }
  for (NodeBox& box : placed) {
    box.x += kMargin - left;
    box.y += kMargin - top;
  }
  return placed;
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
  std::vector<bool> is_joined(picture.nodes.size(), false);
  for (const PictureEdge& edge : picture.edges) {
    is_joined[edge.first] = is_joined[edge.second] = true;
  }
  const std::map<std::size_t, std::size_t> sizes = community_sizes(picture);
  std::vector<std::size_t> joined, alone;
  GraphLayout layout;
  for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
    const double radius = mark_radius(picture.nodes[n].count, largest);
    layout.boxes.push_back({0.0, 0.0, 2.0 * radius + kNameGap + name_width(picture.nodes[n].name),
                            std::max(2.0 * radius, kFontSize + 4.0)});
    const bool has_company = sizes.at(picture.nodes[n].community) > 1;
    (is_joined[n] || has_company ? joined : alone).push_back(n);
  }
  layout.width = 640.0;
  const std::vector<Group> groups = make_groups(picture, joined, layout.boxes);
  const std::vector<NodeBox> frames =
      groups.empty() ? std::vector<NodeBox>{} : pack(picture, groups);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t k = 0; k < groups[g].nodes.size(); ++k) {
      NodeBox& box = layout.boxes[groups[g].nodes[k]];
      box.x = frames[g].x + groups[g].boxes[k].x;
      box.y = frames[g].y + groups[g].boxes[k].y;
    }
    if (groups[g].is_region()) layout.regions[groups[g].community] = frames[g];
    layout.width = std::max(layout.width, frames[g].x + frames[g].width + kMargin);
    layout.height = std::max(layout.height, frames[g].y + frames[g].height + kMargin);
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
