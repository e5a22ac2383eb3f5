#include <fmt/format.h>
#include <labelbeam/eval/graph_picture.h>
#include <labelbeam/eval/report_writers.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <pugixml.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"

using labelbeam::eval::draw_graph;
using labelbeam::eval::draw_heat_map;
using labelbeam::eval::GraphLayout;
using labelbeam::eval::GraphPicture;
using labelbeam::eval::kMaxDrawnNodes;
using labelbeam::eval::layout_graph;
using labelbeam::eval::NodeBox;

namespace {

/// Communities of about six labels, joined inside more often than across; some labels are alone.
GraphPicture random_picture(std::size_t num_labels, std::size_t num_edges, unsigned seed) {
  std::mt19937_64 random(seed);
  GraphPicture picture{"Labels", "NPMI", {}, {}};
  for (std::size_t l = 0; l < num_labels; ++l) {
    const std::string name = fmt::format("label {}{}", l, std::string(random() % 24, 'm'));
    picture.nodes.push_back({name, static_cast<double>(random() % 5000), l / 6});
  }
  for (std::size_t e = 0; e < num_edges; ++e) {
    const std::size_t a = random() % num_labels;
    const std::size_t b = random() % 3 == 0 ? random() % num_labels
                                            : std::min(num_labels - 1, a / 6 * 6 + random() % 6);
    const double strength = static_cast<double>(random() % 1000) / 1000.0 - 0.2;
    if (a != b) picture.edges.push_back({a, b, strength});
  }
  return picture;
}

bool overlap(const NodeBox& a, const NodeBox& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

std::size_t count_nodes(const pugi::xml_document& svg, const char* path) {
  return svg.select_nodes(path).size();
}

pugi::xml_document parsed(const std::string& svg) {
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_string(svg.c_str());
  INFO(result.description());
  REQUIRE(result);
  return document;
}

/// About how wide a line is drawn.
double drawn_width(const std::string& line, double font_size) {
  double width = 0.0;
  for (const char c : line) {
    if ((c & '\xC0') != '\x80') width += font_size * (c >= 'A' && c <= 'Z' ? 0.75 : 0.55);
  }
  return width;
}

/// Moves a point by what `transform` of a node says.
void move_by(const pugi::xml_node& node, double& x, double& y) {
  double right = 0.0, down = 0.0;
  std::sscanf(node.attribute("transform").value(), "translate(%lf %lf)", &right, &down);
  x += right;
  y += down;
}

/// Whether the start and the end of every text are inside the picture.
void check_texts(const std::string& drawing) {
  const pugi::xml_document svg = parsed(drawing);
  double width = 0.0, height = 0.0;
  const char* box = svg.child("svg").attribute("viewBox").value();
  REQUIRE(std::sscanf(box, "0 0 %lf %lf", &width, &height) == 2);
  REQUIRE(count_nodes(svg, "//text") >= 2);
  for (const auto& each : svg.select_nodes("//text")) {
    const pugi::xml_node text = each.node();
    const std::string line = text.text().get();
    const std::string classes = text.attribute("class").value();
    const double length = drawn_width(line, classes == "name title" ? 15.0 : 12.0);
    double x = text.attribute("x").as_double(), y = text.attribute("y").as_double();
    for (pugi::xml_node node = text; node; node = node.parent()) move_by(node, x, y);
    const bool is_turned = text.attribute("transform");
    if (text.attribute("text-anchor")) x -= length;
    INFO(line << " at " << x << ", " << y << " in " << box);
    CHECK(x >= 0.0);
    CHECK((is_turned ? x : x + length) <= width);
    CHECK((is_turned ? y - length : y - 12.0) >= 0.0);
    CHECK(y <= height);
  }
}

}  // namespace

TEST_CASE("No names overlap in a drawn label graph, and all are inside it") {
  for (const std::size_t num_labels : {1u, 2u, 11u, 28u, 90u, 130u}) {
    for (unsigned seed = 0; seed < 3; ++seed) {
      const GraphPicture picture = random_picture(num_labels, 2 * num_labels, seed);
      const GraphLayout layout = layout_graph(picture);
      REQUIRE(layout.boxes.size() == num_labels);
      for (std::size_t a = 0; a < num_labels; ++a) {
        const NodeBox& box = layout.boxes[a];
        REQUIRE(std::isfinite(box.x + box.y));
        REQUIRE(box.x >= 0.0);
        REQUIRE(box.y >= 0.0);
        REQUIRE(box.x + box.width <= layout.width);
        REQUIRE(box.y + box.height <= layout.height);
        for (std::size_t b = 0; b < a; ++b) REQUIRE_FALSE(overlap(box, layout.boxes[b]));
      }
    }
  }
}

TEST_CASE("Every text of a picture lies inside it") {
  for (const std::size_t num_labels : {1u, 2u, 12u, 30u}) {
    GraphPicture picture = random_picture(num_labels, 2 * num_labels, 4);
    for (const std::string& title : {std::string("Labels"), std::string(90, 'x') + " and more"}) {
      picture.title = title;
      check_texts(draw_graph(picture));
      check_texts(draw_heat_map(picture));
      check_texts(labelbeam::eval::draw_triangles(picture, "truth", picture, title));
    }
  }
  GraphPicture large = random_picture(400, 900, 4);
  for (auto& node : large.nodes) node.name = "COMMUNITY OF CAPITALS, " + node.name;
  check_texts(draw_heat_map(large));
}

TEST_CASE("Every text of a drawn comparison lies inside it") {
  labelbeam::eval::GraphComparison comparison;
  for (const std::string system : {"joint", "folder/of/the/first/system/predictions.jsonl"}) {
    for (const std::size_t num_labels : {1u, 2u, 12u, 30u}) {
      comparison.system = system;
      comparison.labels.assign(num_labels, "label");
      comparison.label_counts.assign(num_labels, 5.0);
      comparison.communities.assign(num_labels, 0);
      check_texts(labelbeam::eval::draw_comparison(comparison));
    }
  }
}

TEST_CASE("A name has as much room as the widest common fonts need") {
  // Widths of letters over the font size, in DejaVu Sans.
  for (const auto& [letter, width] :
       {std::pair('a', 0.613), std::pair('8', 0.636), std::pair('w', 0.818), std::pair('m', 0.974),
        std::pair('E', 0.632), std::pair('O', 0.787), std::pair('W', 0.989), std::pair('M', 0.863),
        std::pair('@', 1.0), std::pair('%', 0.950), std::pair('+', 0.838)}) {
    const GraphPicture picture{"t", "phi", {{std::string(40, letter), 1.0, 0}}, {}};
    const double mark = 2.0 * 16.0;  // of the largest count
    INFO(letter);
    CHECK(layout_graph(picture).boxes.at(0).width >= mark + 40.0 * width * 12.0);
  }
}

TEST_CASE("Labels that belong together are drawn nearer than others") {
  GraphPicture picture{"Two groups", "phi", {}, {}};
  for (std::size_t l = 0; l < 12; ++l)
    picture.nodes.push_back({fmt::format("l{}", l), 10.0, l / 6});
  for (std::size_t a = 0; a < 12; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (a / 6 == b / 6) picture.edges.push_back({a, b, 0.5});
    }
  }
  picture.edges.push_back({0, 11, 0.1});
  const GraphLayout layout = layout_graph(picture);
  double inside = 0.0, across = 0.0;
  for (std::size_t a = 0; a < 12; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const double distance =
          std::hypot(layout.boxes[a].x - layout.boxes[b].x, layout.boxes[a].y - layout.boxes[b].y);
      (a / 6 == b / 6 ? inside : across) += distance / (a / 6 == b / 6 ? 30.0 : 36.0);
    }
  }
  CHECK(inside < 0.7 * across);
}

TEST_CASE("Communities stand in boxes that hold their labels and do not overlap") {
  const GraphPicture picture = random_picture(90, 200, 2);
  const GraphLayout layout = layout_graph(picture);
  std::vector<bool> has_edge(picture.nodes.size(), false);
  for (const auto& edge : picture.edges) has_edge[edge.first] = has_edge[edge.second] = true;
  REQUIRE(layout.regions.size() > 10);
  for (const auto& [community, region] : layout.regions) {
    for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
      if (!has_edge[n]) continue;
      const NodeBox& box = layout.boxes[n];
      const bool inside = box.x >= region.x && box.x + box.width <= region.x + region.width &&
                          box.y >= region.y && box.y + box.height <= region.y + region.height;
      REQUIRE(inside == (picture.nodes[n].community == community));
    }
    for (const auto& [other, other_region] : layout.regions) {
      REQUIRE((other == community || !overlap(region, other_region)));
    }
  }
}

TEST_CASE("Labels without a drawn line stand in the box of their community") {
  GraphPicture picture{"Few lines", "NPMI", {}, {{0, 1, 0.5}}};
  picture.nodes = {{"a", 1.0, 0}, {"b", 1.0, 0}, {"c", 1.0, 0},
                   {"d", 1.0, 1}, {"e", 1.0, 1}, {"alone", 1.0, 2}};
  picture.num_left_out = 7;
  const GraphLayout layout = layout_graph(picture);
  REQUIRE(layout.regions.size() == 2);
  for (std::size_t n = 0; n < picture.nodes.size(); ++n) {
    for (const auto& [community, region] : layout.regions) {
      CHECK(overlap(layout.boxes[n], region) == (picture.nodes[n].community == community));
    }
  }
  CHECK(count_nodes(parsed(draw_graph(picture)), "//text[.='lines: 1 of 8 pairs']") == 1);
}

TEST_CASE("Labels of a symmetric community move from where they start") {
  // A chain: on the starting circle its ends are neighbours, at rest they are far apart.
  GraphPicture picture{"Chain", "phi", {}, {}};
  for (std::size_t l = 0; l < 12; ++l) picture.nodes.push_back({"l", 10.0, 0});
  for (std::size_t l = 1; l < 12; ++l) picture.edges.push_back({l - 1, l, 0.5});
  const GraphLayout layout = layout_graph(picture);
  const auto distance = [&](std::size_t a, std::size_t b) {
    return std::hypot(layout.boxes[a].x - layout.boxes[b].x, layout.boxes[a].y - layout.boxes[b].y);
  };
  CHECK(distance(0, 11) > 3.0 * distance(0, 1));
}

TEST_CASE("Two graphs of the same labels share a matrix, one in each triangle") {
  GraphPicture truth{"t", "phi", {{"a", 3.0, 0}, {"b", 2.0, 0}, {"c", 1.0, 1}}, {}};
  GraphPicture answers = truth;
  truth.edges = {{0, 1, 0.5}, {1, 2, -0.5}};
  answers.edges = {{2, 0, 0.5}};
  const pugi::xml_document svg =
      parsed(labelbeam::eval::draw_triangles(truth, "truth", answers, "a <system>"));
  std::size_t above = 0, below = 0;
  for (const auto& each : svg.select_nodes("//rect[title]")) {
    const pugi::xml_node rect = each.node();
    const double x = rect.attribute("x").as_double() + rect.attribute("width").as_double() / 2.0;
    const double y = rect.attribute("y").as_double() + rect.attribute("height").as_double() / 2.0;
    // Names of one letter are as wide as high: the matrix starts at 24 + 7 and 40 + 7.
    (x - 24.0 > y - 40.0 ? above : below) += 1;
  }
  CHECK(above == 2);
  CHECK(below == 1);
  CHECK(count_nodes(svg, "//text[contains(., 'below it: a <system>')]") == 1);
  answers.nodes[1].name.push_back('d');
  CHECK_THROWS_WITH(labelbeam::eval::draw_triangles(truth, "truth", answers, "x"),
                    contains_text("different labels"));
}

TEST_CASE("A drawn comparison frames what is missed above the diagonal, what is invented below") {
  using labelbeam::eval::PairFate;
  labelbeam::eval::GraphComparison comparison;
  comparison.system = "joint";
  comparison.labels = {"a", "b", "c"};
  comparison.label_counts = {3.0, 2.0, 1.0};
  comparison.communities = {0, 0, 0};
  comparison.pairs = {{0, 1, PairFate::missed, 0.5, 0.4},
                      {0, 2, PairFate::invented, 0.5, 0.4},
                      {1, 2, PairFate::kept, 0.5, 0.4}};
  const pugi::xml_document svg = parsed(labelbeam::eval::draw_comparison(comparison));
  CHECK(count_nodes(svg, "//rect[@class='frame']") == 2);
  const auto framed = [&](const std::string& square) {
    const std::string path =
        "//rect[@class='frame']/preceding-sibling::rect[1][title='" + square + "']";
    return count_nodes(svg, path.c_str());
  };
  CHECK(framed("a - b: phi 0.5; truth, missed") == 1);
  CHECK(framed("a - c: phi 0.4; joint, invented") == 1);
}

TEST_CASE("The same label graph is drawn the same way") {
  const GraphPicture picture = random_picture(40, 90, 7);
  CHECK(draw_graph(picture) == draw_graph(picture));
}

TEST_CASE("A drawn label graph shows every label and edge, and dashes what is negative") {
  GraphPicture picture{"A & B\xEF\xBF\xBE", "NPMI", {}, {{0, 1, 0.5}, {1, 2, -0.5}}};
  picture.nodes = {{"a<b", 5.0, 0}, {"\"c\", d\n\xF0\x9F\x98\x80", 2.0, 0}, {"e", 1.0, 1}};
  const pugi::xml_document svg = parsed(draw_graph(picture));
  CHECK(count_nodes(svg, "//text[@class='name'][.='a<b']") == 1);
  CHECK(count_nodes(svg, "//text[@class='name'][.='\"c\", d \xF0\x9F\x98\x80']") == 1);
  CHECK(count_nodes(svg, "//path[starts-with(@class, 'edge')][title]") == 2);
  CHECK(count_nodes(svg, "//path[@class='edge across'][title][@stroke-dasharray]") == 1);
  CHECK(std::string(svg.child("svg").child_value("title")) == "A & B\xEF\xBF\xBD");
}

TEST_CASE("Communities differ in shape as well as in colour") {
  GraphPicture picture{"Shapes", "phi", {}, {{0, 3, 0.5}, {1, 4, 0.5}, {2, 5, 0.5}}};
  picture.nodes = {{"a", 1.0, 0}, {"b", 1.0, 1}, {"c", 1.0, 2},    {"d", 1.0, 0},
                   {"e", 1.0, 1}, {"f", 1.0, 2}, {"alone", 1.0, 3}};
  const pugi::xml_document svg = parsed(draw_graph(picture));
  CHECK(count_nodes(svg, "//g[@class='k0']/circle") == 2);
  CHECK(count_nodes(svg, "//g[@class='k1']/polygon") == 2);
  CHECK(count_nodes(svg, "//g[@class='k2']/polygon") == 2);
  CHECK(count_nodes(svg, "//g[@class='alone']/circle") == 1);
}

TEST_CASE("Hundreds of labels are drawn as a matrix with a square for each half of a pair") {
  const GraphPicture picture = random_picture(736, 4000, 3);
  REQUIRE(picture.nodes.size() > kMaxDrawnNodes);
  const std::string svg = draw_graph(picture);
  CHECK(svg == draw_heat_map(picture));
  CHECK(count_nodes(parsed(svg), "//rect[@class='k0' or @class='k1 hollow'][title]") ==
        2 * picture.edges.size());
}

TEST_CASE(
    "Very many pairs are drawn without tooltips, and frames stay thinner than their squares") {
  GraphPicture picture{"Labels", "phi", {}, {}};
  for (std::size_t l = 0; l < 202; ++l) picture.nodes.push_back({"l", 1.0, 0});
  for (std::size_t a = 0; a < 202; ++a) {
    for (std::size_t b = a + 1; b < 202; ++b) picture.edges.push_back({a, b, 0.5});
  }
  REQUIRE(picture.edges.size() > 20000);
  CHECK(count_nodes(parsed(draw_heat_map(picture)), "//rect[title]") == 0);
  picture.edges.resize(20000);
  CHECK(count_nodes(parsed(draw_heat_map(picture)), "//rect[title]") == 40000);
  for (std::size_t l = 202; l < 800; ++l) picture.nodes.push_back({"l", 1.0, 0});
  for (std::size_t l = 0; l < 799; ++l) picture.edges.push_back({l, l + 1, 0.5});
  picture.edges.back().is_framed = true;
  const pugi::xml_document svg = parsed(draw_heat_map(picture));
  REQUIRE(count_nodes(svg, "//rect[@class='frame']") == 2);  // one of each half
  for (const auto& each : svg.select_nodes("//rect[@class='frame']")) {
    CHECK(3.0 * each.node().attribute("stroke-width").as_double() <
          each.node().attribute("width").as_double());
  }
}

TEST_CASE("Few labels in a matrix carry their names on both sides") {
  const GraphPicture picture = random_picture(11, 20, 5);
  CHECK(count_nodes(parsed(draw_heat_map(picture)), "//text[@class='name']") == 22);
}

TEST_CASE("What cannot be drawn is refused by name") {
  const GraphPicture nothing{"t", "phi", {}, {}};
  CHECK_THROWS_WITH(layout_graph(nothing), contains_text("without labels"));
  GraphPicture picture{"t", "phi", {{"a", 1.0, 0}, {"b", 1.0, 0}}, {{0, 2, 1.0}}};
  CHECK_THROWS_WITH(draw_graph(picture), contains_text("the labels 0 and 2, but there are 2"));
  picture.edges = {{1, 1, 1.0}};
  CHECK_THROWS_WITH(draw_heat_map(picture), contains_text("\"b\" with itself"));
  picture.edges = {{0, 1, std::numeric_limits<double>::quiet_NaN()}};
  CHECK_THROWS_WITH(draw_graph(picture), contains_text("between \"a\" and \"b\""));
}
