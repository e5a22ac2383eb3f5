#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

namespace labelbeam {

/// Number of threads meant by `num_threads`: 0 means one a hardware thread.
std::size_t resolve_num_threads(std::size_t num_threads);

/// Calls `body(begin, end)` once for each of min(n, num_threads) ranges that split [0, n) evenly
/// and in order; the ranges depend on n and num_threads only. Returns when all have ended.
///
/// `num_threads` = 0 means one a hardware thread. Where bodies throw, the others still end, and the
/// exception of the first range that threw is thrown again. Where the system refuses a thread, the
/// caller's thread does its work.
void parallel_for_ranges(std::size_t n, std::size_t num_threads,
                         const std::function<void(std::size_t begin, std::size_t end)>& body);

/// Calls `body(i)` for every i in [0, n), as `parallel_for_ranges` does.
template <typename Body>
void parallel_for(std::size_t n, std::size_t num_threads, Body&& body) {
  parallel_for_ranges(n, num_threads, [&body](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  });
}

/// The same, but range r of m takes i = r, r + m, r + 2m, ...: for bodies of which the first take
/// longer than the last.
template <typename Body>
void parallel_for_interleaved(std::size_t n, std::size_t num_threads, Body&& body) {
  const std::size_t shares = std::min(resolve_num_threads(num_threads), n);
  parallel_for(shares, shares, [&](std::size_t share) {
    for (std::size_t i = share; i < n; i += shares) body(i);
  });
}

}  // namespace labelbeam
