#pragma once

#include <cstdint>
#include <string_view>

namespace labelbeam {

/// A 64-bit hash that is the same on every machine and in every version: what splits and samples of
/// rows rest on. FNV-1a over the bytes, started at its offset basis xor `seed`, then the finaliser
/// of SplitMix64. Not for untrusted keys.
std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed = 0);

/// A hash as a number in [0, 1): its upper 53 bits.
double unit_interval(std::uint64_t hash);

}  // namespace labelbeam
