#pragma once

#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <cstdint>
#include <random>

#include "../support/table_model.h"

namespace labelbeam::test_support {

enum class Order { fixed, free };

/// Tables of every kind that the searches are tested on: by rising seed, with and without the empty
/// set, ties, zero probabilities, near-deterministic, depending on the set alone; D = L. Up to 10
/// labels under a random fixed order, 5 under a free one.
TableModelOptions random_table(std::uint64_t seed, Order order, std::size_t num_documents = 1);

/// One document, D = L; under a fixed order labels rank by id.
TableModelOptions plain_table(std::size_t num_labels, Order order = Order::fixed);

/// More than the tables here have sets.
inline constexpr std::size_t kAllSets = 2048;

/// What sums of probabilities may differ by.
inline constexpr double kRounding = 1e-12;

/// How many random models of each order every search is held against exhaustive enumeration on:
/// the environment variable LABELBEAM_TABLE_MODELS (which the preset asan sets), or 1500.
std::uint64_t num_table_models();

/// A distribution of `num_sets` random distinct sets over `num_labels` labels with random weights
/// that sum to 1, some of them equal; marginals are those of the weights.
SetDistribution random_distribution(std::mt19937_64& random, std::size_t num_labels,
                                    std::size_t num_sets);

/// 0 for a set that is not there.
double exact_prob(const TableModel::Exact& exact, const LabelSet& set);

/// Compares everything with the exact answer, for a search that saw all of it: throws
/// `std::logic_error` with a sentence on the first difference above `tolerance`.
void require_exact(const SetDistribution& found, const TableModel::Exact& exact, double tolerance);

/// Holds bounds, masses and order of a search that saw a part: throws as `require_exact` does.
void require_sound(const SetDistribution& found, const TableModel& model, std::size_t document);

}  // namespace labelbeam::test_support
