#include <fmt/format.h>
#include <labelbeam/graph/communities.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/graph_picture.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace labelbeam::pipeline {
namespace {

/// Below 0 where labels avoid each other, also for measures that have no sign.
double signed_value(PairMeasure measure, const LabelEdge& edge) {
  switch (measure) {
    case PairMeasure::pmi:
    case PairMeasure::npmi:
    case PairMeasure::phi:
      return edge.value;
    case PairMeasure::lift:
      return std::log(edge.value);
    default:
      return edge.is_positive() ? edge.value
                                : -std::max(edge.value, std::numeric_limits<double>::min());
  }
}

std::string drawn_name(PairMeasure measure) {
  switch (measure) {
    case PairMeasure::lift:
      return "log lift";
    case PairMeasure::npmi:
      return "NPMI";
    case PairMeasure::pmi:
      return "PMI";
    case PairMeasure::log_likelihood_ratio:
      return "G\xC2\xB2";
    default:
      return pair_measure_name(measure);
  }
}

/// -inf as the largest finite size.
void bound(std::vector<eval::PictureEdge>& edges) {
  double largest = 0.0;
  for (const eval::PictureEdge& edge : edges) {
    if (std::isfinite(edge.strength)) largest = std::max(largest, std::abs(edge.strength));
  }
  if (largest == 0.0) largest = 1.0;
  for (eval::PictureEdge& edge : edges) {
    if (!std::isfinite(edge.strength)) edge.strength = std::copysign(largest, edge.strength);
  }
}

bool is_stronger(const eval::PictureEdge& a, const eval::PictureEdge& b) {
  return std::abs(a.strength) > std::abs(b.strength);
}

/// The strongest edge of each label (above 0 where it has one), then the strongest of all, at most
/// `most`. Labels that avoid each other are many: edges below 0 are added only while these, also
/// those of single labels, are fewer than a quarter of `most`.
void keep_strongest(std::vector<eval::PictureEdge>& edges, std::size_t num_labels,
                    std::size_t most) {
  using Edge = eval::PictureEdge;
  const auto is_below_zero = [](const Edge& edge) { return edge.strength < 0.0; };
  std::stable_sort(edges.begin(), edges.end(), is_stronger);
  std::stable_partition(edges.begin(), edges.end(), std::not_fn(is_below_zero));
  std::vector<bool> has_edge(num_labels, false);
  std::vector<Edge> kept, others;
  for (const Edge& edge : edges) {
    (has_edge[edge.first] && has_edge[edge.second] ? others : kept).push_back(edge);
    has_edge[edge.first] = has_edge[edge.second] = true;
  }
  if (kept.size() > most) kept.resize(most);
  auto below_zero =
      static_cast<std::size_t>(std::count_if(kept.begin(), kept.end(), is_below_zero));
  std::stable_sort(others.begin(), others.end(), is_stronger);
  for (const Edge& edge : others) {
    if (kept.size() == most) break;
    if (is_below_zero(edge) && below_zero++ >= most / 4) continue;
    kept.push_back(edge);
  }
  edges = std::move(kept);
}

}  // namespace

std::size_t default_max_edges(std::size_t num_labels) {
  return std::min(3 * num_labels, 30 + 3 * num_labels / 2);
}

eval::GraphPicture graph_picture(const LabelGraphDocument& document,
                                 const GraphPictureOptions& options) {
  const LabelGraph& graph = document.graph;
  const PairMeasure measure = graph.options().measure;
  eval::GraphPicture picture{options.title, drawn_name(measure), {}, {}};
  const std::vector<std::uint32_t> communities =
      document.communities.empty() ? find_communities(graph.num_labels(), graph.attractions())
                                   : document.communities;
  for (std::size_t label = 0; label < graph.num_labels(); ++label) {
    picture.nodes.push_back(
        {document.labels.names()[label], graph.label_counts()[label], communities[label]});
  }
  for (const LabelEdge& edge : graph.edges()) {
    picture.edges.push_back({edge.first, edge.second, signed_value(measure, edge)});
  }
  bound(picture.edges);
  if (!options.matrix && picture.nodes.size() <= eval::kMaxDrawnNodes) {
    const std::size_t num_edges = picture.edges.size();
    keep_strongest(picture.edges, picture.nodes.size(),
                   options.max_edges.value_or(default_max_edges(picture.nodes.size())));
    picture.num_left_out = num_edges - picture.edges.size();
  }
  return picture;
}

std::string to_svg(const LabelGraphDocument& document, const GraphPictureOptions& options) {
  const eval::GraphPicture picture = graph_picture(document, options);
  return options.matrix ? eval::draw_heat_map(picture) : eval::draw_graph(picture);
}

bool is_svg(const std::string& path) { return suffix_of(path) == ".svg"; }

void check_graph_file(const std::string& path) {
  if (is_svg(path) || is_label_graph_file(path)) return;
  throw std::invalid_argument(fmt::format(
      "a label graph is written as .svg, {}, which \"{}\" is not", kLabelGraphSuffixes, path));
}

void write_graph_file(const std::string& path, const LabelGraphDocument& document,
                      const GraphPictureOptions& options) {
  check_graph_file(path);
  if (is_svg(path)) {
    write_file_atomically(path, to_svg(document, options));
  } else {
    write_label_graph(path, document);
  }
}

}  // namespace labelbeam::pipeline
