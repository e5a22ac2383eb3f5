#pragma once

#include <labelbeam/set_semantics.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "masked_row.h"
#include "positions.h"
#include "token_sampler.h"

namespace labelbeam::decoders {

/// A prefix with the paths that go through it. Positions as in `MaskedRow`.
struct SharedPrefix {
  std::uint32_t parent = 0;  ///< a row of the last step
  LabelId position = 0;
  LabelId label = 0;
  double log_prob = 0.0;
  std::vector<LabelId> emitted;      ///< positions, the last label first
  std::vector<std::uint32_t> paths;  ///< rising
};

/// Paths of one document that step together: those of one prefix share its state and its row.
class PathBundle {
 public:
  /// All paths start at the root; it is live also without paths.
  PathBundle(const SetSemantics& semantics, std::size_t num_paths) : semantics_(semantics) {
    live_.resize(1);
    live_[0].paths.resize(num_paths);
    std::iota(live_[0].paths.begin(), live_[0].paths.end(), std::uint32_t{0});
  }

  const std::vector<SharedPrefix>& live() const { return live_; }

  /// Steps every path. `choose(prefix, row, next)` sets next[i] to the position that path
  /// prefix.paths[i] takes; `kEndPosition` ends it. `logits`: [live().size(), V].
  template <typename Choose>
  void step(std::span<const float> logits, std::size_t document, MaskedRow& row, Choose&& choose) {
    const std::size_t num_tokens = semantics_.num_tokens();
    std::vector<SharedPrefix> longer;
    for (std::size_t i = 0; i < live_.size(); ++i) {
      const SharedPrefix& prefix = live_[i];
      row.load(logits.subspan(i * num_tokens, num_tokens), prefix.emitted, document);
      next_.assign(prefix.paths.size(), kEndPosition);
      choose(prefix, row, std::span(next_));
      extend(prefix, static_cast<std::uint32_t>(i), row, longer);
    }
    live_.swap(longer);
  }

 private:
  void extend(const SharedPrefix& prefix, std::uint32_t index, const MaskedRow& row,
              std::vector<SharedPrefix>& longer) {
    takers_.clear();
    for (std::size_t p = 0; p < next_.size(); ++p) {
      if (next_[p] != kEndPosition) takers_.emplace_back(next_[p], prefix.paths[p]);
    }
    std::sort(takers_.begin(), takers_.end());
    for (std::size_t t = 0; t < takers_.size(); ++t) {
      const auto [position, path] = takers_[t];
      if (t == 0 || takers_[t - 1].first != position) {
        SharedPrefix child;
        child.parent = index;
        child.position = position;
        child.label = label_at(semantics_, position);
        child.log_prob = prefix.log_prob - row.log_normaliser() + row.scores()[position];
        child.emitted.push_back(position);
        child.emitted.insert(child.emitted.end(), prefix.emitted.begin(), prefix.emitted.end());
        longer.push_back(std::move(child));
      }
      longer.back().paths.push_back(path);
    }
  }

  const SetSemantics& semantics_;
  std::vector<SharedPrefix> live_;
  std::vector<LabelId> next_;
  std::vector<std::pair<LabelId, std::uint32_t>> takers_;  // position, path
};

}  // namespace labelbeam::decoders
