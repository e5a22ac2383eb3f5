#include <labelbeam/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"

using labelbeam::parallel_for;
using labelbeam::parallel_for_interleaved;
using labelbeam::parallel_for_ranges;

TEST_CASE("Every index is visited once, for any number of threads") {
  for (const std::size_t n : {0u, 1u, 2u, 7u, 100u}) {
    for (const std::size_t threads : {0u, 1u, 2u, 3u, 8u, 200u}) {
      std::vector<int> visits(n, 0);
      parallel_for(n, threads, [&](std::size_t i) { ++visits[i]; });
      CHECK(visits == std::vector<int>(n, 1));
      parallel_for_interleaved(n, threads, [&](std::size_t i) { ++visits[i]; });
      CHECK(visits == std::vector<int>(n, 2));
    }
  }
}

TEST_CASE("The ranges are even, in order and the same every time") {
  const auto ranges = [](std::size_t n, std::size_t threads) {
    std::mutex mutex;
    std::vector<std::pair<std::size_t, std::size_t>> seen;
    parallel_for_ranges(n, threads, [&](std::size_t begin, std::size_t end) {
      const std::lock_guard lock(mutex);
      seen.emplace_back(begin, end);
    });
    std::sort(seen.begin(), seen.end());
    return seen;
  };
  using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;
  CHECK(ranges(10, 4) == Ranges{{0, 3}, {3, 6}, {6, 8}, {8, 10}});
  CHECK(ranges(2, 4) == Ranges{{0, 1}, {1, 2}});
  CHECK(ranges(5, 1) == Ranges{{0, 5}});
  CHECK(ranges(0, 4).empty());
}

TEST_CASE("The exception of the first range that failed comes out, after all have ended") {
  std::atomic<int> ended{0};
  std::string message;
  try {
    parallel_for_ranges(8, 4, [&](std::size_t begin, std::size_t) {
      ++ended;
      if (begin >= 2) throw std::runtime_error("range at " + std::to_string(begin));
    });
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(message == "range at 2");
  CHECK(ended == 4);
}

TEST_CASE("No threads asked for means at least one") {
  CHECK(labelbeam::resolve_num_threads(0) >= 1);
  CHECK(labelbeam::resolve_num_threads(5) == 5);
}
