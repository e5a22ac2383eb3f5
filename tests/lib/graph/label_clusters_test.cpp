#include <labelbeam/graph/label_clusters.h>

#include <stdexcept>
#include <vector>

#include "catch.h"

using labelbeam::clusters_of_communities;
using labelbeam::LabelClusters;

TEST_CASE("Large communities are cut evenly and small ones share a cluster") {
  // Seven labels of community 0, two of 1, and 2, 3, 4 alone.
  const std::vector<std::uint32_t> communities{0, 1, 0, 2, 0, 3, 0, 0, 1, 0, 4, 0};
  const LabelClusters clusters = clusters_of_communities(communities, 4);
  CHECK(clusters.num_clusters() == 3);
  for (std::uint32_t c = 0; c < clusters.num_clusters(); ++c) {
    CHECK(clusters.members(c).size() <= 4);
  }
  CHECK(clusters.cluster_of(0) == clusters.cluster_of(4));
  CHECK(clusters.cluster_of(0) != clusters.cluster_of(11));
  CHECK(clusters.cluster_of(6) == clusters.cluster_of(11));
  CHECK(clusters.cluster_of(1) == clusters.cluster_of(8));
  CHECK(clusters.cluster_of(1) == clusters.cluster_of(5));
}

TEST_CASE("Clusters hold at most twice the square root of the labels unless told otherwise") {
  const LabelClusters clusters = clusters_of_communities(std::vector<std::uint32_t>(100, 7));
  CHECK(clusters.num_labels() == 100);
  CHECK(clusters.num_clusters() == 5);
  CHECK_THROWS_AS(clusters_of_communities({}), std::invalid_argument);
  CHECK_THROWS_AS(clusters_of_communities(std::vector<std::uint32_t>{0, 2}), std::invalid_argument);
}
