#include <labelbeam/decoders/size_marginals.h>

#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "random_tables.h"

using labelbeam::EmptySet;
using labelbeam::LabelId;
using labelbeam::SetDistribution;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

/// The entry of a label and a size; 0 where there is no row or column.
double entry(const SizeMarginals& marginals, LabelId label, std::size_t size) {
  for (std::size_t i = 0; i < marginals.labels.size(); ++i) {
    if (marginals.labels[i] == label && size <= marginals.max_size) {
      return marginals.row(i)[size - 1];
    }
  }
  return 0.0;
}

}  // namespace

TEST_CASE("Size marginals of independent labels equal enumeration") {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform;
  for (int round = 0; round < 200; ++round) {
    const std::size_t num_labels = 1 + random() % 10;
    std::vector<double> probs;
    for (std::size_t l = 0; l < num_labels; ++l) {
      const double p = uniform(random);
      probs.push_back(random() % 5 == 0 ? std::round(p) : p);
    }
    const EmptySet empty_set = random() % 2 == 0 ? EmptySet::allow : EmptySet::forbid;
    std::vector<double> joint(num_labels * (num_labels + 1));
    double empty = 1.0;
    double non_empty = 0.0;
    for (unsigned bits = 0; bits < 1u << num_labels; ++bits) {
      double mass = 1.0;
      std::size_t size = 0;
      for (std::size_t l = 0; l < num_labels; ++l) {
        const bool present = (bits >> l & 1u) != 0;
        mass *= present ? probs[l] : 1.0 - probs[l];
        size += present;
      }
      if (bits == 0) {
        empty = mass;
        continue;
      }
      non_empty += mass;
      for (std::size_t l = 0; l < num_labels; ++l) {
        if (bits >> l & 1u) joint[l * (num_labels + 1) + size] += mass;
      }
    }
    const double scale = empty_set == EmptySet::allow || non_empty == 0.0 ? 1.0 : 1.0 / non_empty;
    const SizeMarginals found = independent_size_marginals(probs, empty_set);
    REQUIRE(found.empty == Approx(empty_set == EmptySet::allow ? empty : 0.0).margin(1e-15));
    for (LabelId l = 0; l < num_labels; ++l) {
      for (std::size_t s = 1; s <= num_labels; ++s) {
        REQUIRE(entry(found, l, s) ==
                Approx(joint[l * (num_labels + 1) + s] * scale).epsilon(1e-12).margin(1e-16));
      }
    }
  }
}

TEST_CASE("Size marginals of a thousand labels are stable and keep few columns") {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> uniform;
  std::vector<double> probs;
  for (int l = 0; l < 1000; ++l) probs.push_back(l % 100 == 0 ? 0.9 : 0.002 * uniform(random));
  const SizeMarginals found = independent_size_marginals(probs);
  CHECK(found.max_size < 60);
  REQUIRE(found.labels.size() == 1000);
  double size_mass = found.empty;
  for (std::size_t i = 0; i < found.labels.size(); ++i) {
    double sum = 0.0;
    for (std::size_t s = 0; s < found.max_size; ++s) {
      REQUIRE(found.row(i)[s] >= 0.0);
      sum += found.row(i)[s];
      size_mass += found.row(i)[s] / static_cast<double>(s + 1);
    }
    REQUIRE(sum == Approx(probs[i]).epsilon(1e-13));
  }
  CHECK(size_mass == Approx(1.0).epsilon(1e-13));
}

TEST_CASE("Size marginals of rare labels without the empty set keep their relative precision") {
  const SizeMarginals found =
      independent_size_marginals(std::vector<double>(10, 1e-12), EmptySet::forbid);
  CHECK(entry(found, 3, 1) == Approx(0.1).epsilon(1e-10));
  CHECK(entry(found, 3, 2) == Approx(9e-13).epsilon(1e-9));
}

TEST_CASE("Size marginals without a possible label") {
  const std::vector<double> probs{0.0, 0.0};
  CHECK(independent_size_marginals(probs).empty == 1.0);
  CHECK(independent_size_marginals(probs, EmptySet::forbid).empty == 0.0);
  CHECK(independent_size_marginals(probs).labels.empty());
  CHECK_THROWS_AS(independent_size_marginals(std::vector<double>{2.0}), std::invalid_argument);
}

TEST_CASE("Size marginals of a distribution are the sums of its weights") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 100; ++round) {
    const SetDistribution distribution = random_distribution(random, 6, 1 + random() % 12);
    const SizeMarginals found = size_marginals(distribution);
    double empty = 0.0;
    for (const auto& set : distribution.sets) {
      if (set.labels.empty()) empty += set.weight;
    }
    REQUIRE(found.empty == Approx(empty).margin(1e-15));
    for (LabelId l = 0; l < 6; ++l) {
      for (std::size_t s = 1; s <= 6; ++s) {
        double expected = 0.0;
        for (const auto& set : distribution.sets) {
          if (set.labels.size() == s && set.labels.contains(l)) expected += set.weight;
        }
        REQUIRE(entry(found, l, s) == Approx(expected).margin(1e-15));
      }
    }
  }
}
