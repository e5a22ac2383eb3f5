#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace labelbeam::decoders {

/// The first id of a stream of `CounterRng`: what its numbers are for. The second is the key of the
/// document, the third what is drawn within it.
enum RandomUse : std::uint64_t {
  kAncestralPath = 1,
  kGumbelPrefix = 2,
  kOpenMassPath = 3,
};

/// The keys of a batch: those given, or 0 to B - 1 where none are. Throws `std::invalid_argument`
/// for another number of them.
inline std::vector<std::uint64_t> resolve_document_keys(std::span<const std::uint64_t> given,
                                                        std::size_t num_documents,
                                                        std::string_view search) {
  if (!given.empty() && given.size() != num_documents) {
    throw std::invalid_argument(fmt::format("{}: there are {} document keys for {} documents",
                                            search, given.size(), num_documents));
  }
  std::vector<std::uint64_t> keys(given.begin(), given.end());
  if (keys.empty()) {
    keys.resize(num_documents);
    std::iota(keys.begin(), keys.end(), std::uint64_t{0});
  }
  return keys;
}

}  // namespace labelbeam::decoders
