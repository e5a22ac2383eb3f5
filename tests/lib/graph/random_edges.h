#pragma once

#include <labelbeam/graph/weighted_graph.h>
#include <labelbeam/random.h>

#include <cstddef>
#include <vector>

namespace labelbeam::test_support {

/// Each pair of labels with probability `density`; weights between 0.1 and 1.1.
inline std::vector<WeightedEdge> random_edges(std::size_t num_labels, double density,
                                              CounterRng& random) {
  std::vector<WeightedEdge> edges;
  for (LabelId a = 0; a < num_labels; ++a) {
    for (LabelId b = a + 1; b < num_labels; ++b) {
      if (random.uniform() < density) edges.push_back({a, b, 0.1 + random.uniform()});
    }
  }
  return edges;
}

}  // namespace labelbeam::test_support
