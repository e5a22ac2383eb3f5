#include "isotonic_fit.h"

#include <algorithm>
#include <numeric>

namespace labelbeam::eval {
namespace {

/// Neighbouring inputs that share one output.
struct Block {
  double first;
  double last;
  double positives;
  double rows;

  double mean() const { return positives / rows; }
};

}  // namespace

IsotonicMap fit_isotonic(std::span<const double> inputs, const std::vector<bool>& outcomes) {
  std::vector<std::size_t> order(inputs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return inputs[a] < inputs[b]; });
  std::vector<Block> blocks;
  for (std::size_t next = 0; next < order.size();) {
    Block block{inputs[order[next]], inputs[order[next]], 0.0, 0.0};
    for (; next < order.size() && inputs[order[next]] == block.first; ++next) {
      block.positives += outcomes[order[next]] ? 1.0 : 0.0;
      block.rows += 1.0;
    }
    // Counts are whole numbers, so that the comparison of means is exact.
    while (!blocks.empty() &&
           blocks.back().positives * block.rows >= block.positives * blocks.back().rows) {
      block.first = blocks.back().first;
      block.positives += blocks.back().positives;
      block.rows += blocks.back().rows;
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  IsotonicMap map;
  for (const Block& block : blocks) {
    map.inputs.push_back(block.first);
    map.outputs.push_back(block.mean());
    if (block.last == block.first) continue;
    map.inputs.push_back(block.last);
    map.outputs.push_back(block.mean());
  }
  return map;
}

}  // namespace labelbeam::eval
