#include <labelbeam/stable_hash.h>

#include "catch.h"

using labelbeam::stable_hash;
using labelbeam::unit_interval;

// Computed from the definition by a few lines of Python.
TEST_CASE("The stable hash never changes") {
  CHECK(stable_hash("") == 0xc3817c016ba4ff30u);
  CHECK(stable_hash("a") == 0x5f29c2aadd9b8527u);
  CHECK(stable_hash("glibc") == 0xe68c4bd6915140fcu);
  CHECK(stable_hash("\xc3\xa9\n", 7) == 0xff985cc7db0ed82u);
}

TEST_CASE("A hash as a number is below one and keeps its upper bits") {
  CHECK(unit_interval(0) == 0.0);
  CHECK(unit_interval(~std::uint64_t{0}) < 1.0);
  CHECK(unit_interval(std::uint64_t{1} << 63) == 0.5);
  CHECK(unit_interval(stable_hash("glibc")) == Approx(0.9005782507750313).epsilon(1e-15));
}
