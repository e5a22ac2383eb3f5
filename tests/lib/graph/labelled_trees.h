#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace labelbeam::test_support {

/// Calls `visit` with the edges of each of the n^(n-2) trees on n >= 2 labels, from their Pruefer
/// sequences.
template <typename Visit>
void for_each_tree(std::size_t n, Visit&& visit) {
  std::vector<std::uint32_t> sequence(n - 2, 0);
  while (true) {
    std::vector<std::size_t> degree(n, 1);
    for (const std::uint32_t label : sequence) ++degree[label];
    std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
    const auto take_leaf = [&] {
      std::uint32_t leaf = 0;
      while (degree[leaf] != 1) ++leaf;
      degree[leaf] = 0;
      return leaf;
    };
    for (const std::uint32_t label : sequence) {
      edges.emplace_back(take_leaf(), label);
      --degree[label];
    }
    const std::uint32_t last = take_leaf();
    edges.emplace_back(last, take_leaf());
    visit(edges);
    std::size_t at = 0;
    while (at < sequence.size() && ++sequence[at] == n) sequence[at++] = 0;
    if (at == sequence.size()) return;
  }
}

}  // namespace labelbeam::test_support
