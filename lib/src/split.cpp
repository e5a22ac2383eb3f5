#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/split.h>
#include <labelbeam/stable_hash.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <unordered_set>

#include "stratification.h"

namespace labelbeam {
namespace {

void check_shares(std::span<const double> shares) {
  const auto is_share = [](double share) { return share >= 0.0 && share <= 1.0; };
  if (!shares.empty() && std::all_of(shares.begin(), shares.end(), is_share) &&
      std::abs(std::accumulate(shares.begin(), shares.end(), 0.0) - 1.0) < 1e-9) {
    return;
  }
  throw std::invalid_argument(
      fmt::format("assign_parts: the shares must be at least 0 and sum to 1, got {}",
                  shares.empty() ? "none" : fmt::format("{}", fmt::join(shares, ", "))));
}

/// The part at a position in [0, 1). The last part comes first: of train, valid and test, moving
/// rows between train and valid leaves test as it is.
std::size_t part_at(double position, std::span<const double> shares) {
  double end = 0.0;
  for (std::size_t part = shares.size() - 1; part > 0; --part) {
    end += shares[part];
    if (position < end) return part;
  }
  return 0;
}

}  // namespace

std::vector<std::size_t> assign_parts(const Dataset& data, std::span<const double> shares,
                                      SplitMethod method, std::uint64_t seed) {
  check_shares(shares);
  if (method != SplitMethod::hash) {
    return stratify(data, shares, method == SplitMethod::stratified_pairs, seed);
  }
  std::vector<std::size_t> parts;
  parts.reserve(data.rows.size());
  for (const Example& row : data.rows) {
    parts.push_back(part_at(unit_interval(stable_hash(split_key(row), seed)), shares));
  }
  return parts;
}

std::vector<std::size_t> assign_folds(const Dataset& data, std::size_t num_folds,
                                      SplitMethod method, std::uint64_t seed) {
  std::unordered_set<std::string_view> groups;
  std::size_t units = 0;
  for (const Example& row : data.rows) {
    if (row.group.empty() || groups.insert(row.group).second) ++units;
  }
  if (num_folds < 2 || num_folds > units) {
    throw std::invalid_argument(
        fmt::format("assign_folds: the number of folds must be 2 to {}, the number of rows and "
                    "groups that can be told apart, got {}",
                    units, num_folds));
  }
  const std::vector<double> shares(num_folds, 1.0 / static_cast<double>(num_folds));
  return assign_parts(data, shares, method, seed);
}

SplitDataset take_parts(const Dataset& data, std::span<const std::size_t> parts) {
  if (parts.size() != data.rows.size()) {
    throw std::invalid_argument(
        fmt::format("take_parts: {} rows but parts of {}", data.rows.size(), parts.size()));
  }
  const Dataset none{data.labels, {}, data.num_features};
  SplitDataset taken{none, none, none};
  const std::array<Dataset*, 3> datasets = {&taken.train, &taken.valid, &taken.test};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] >= datasets.size()) {
      throw std::invalid_argument(fmt::format(
          "take_parts: a part must be 0, 1 or 2, but that of row {} is {}", i, parts[i]));
    }
    datasets[parts[i]]->rows.push_back(data.rows[i]);
  }
  return taken;
}

std::vector<std::size_t> rotate_folds(std::span<const std::size_t> folds, std::size_t num_folds,
                                      std::size_t test_fold) {
  if (num_folds < 3) {
    throw std::invalid_argument(fmt::format(
        "rotate_folds: train, valid and test need at least 3 folds, got {}", num_folds));
  }
  if (test_fold >= num_folds || std::any_of(folds.begin(), folds.end(),
                                            [&](std::size_t fold) { return fold >= num_folds; })) {
    throw std::invalid_argument(
        fmt::format("rotate_folds: a fold is not below their number, {}", num_folds));
  }
  const std::size_t valid_fold = (test_fold + 1) % num_folds;
  std::vector<std::size_t> parts;
  parts.reserve(folds.size());
  for (const std::size_t fold : folds) {
    parts.push_back(fold == test_fold ? 2 : fold == valid_fold ? 1 : 0);
  }
  return parts;
}

SplitDataset split_by_group(const Dataset& data, const SplitOptions& options) {
  const std::array<double, 3> shares = {options.train, options.valid, options.test};
  return take_parts(data, assign_parts(data, shares, options.method, options.seed));
}

}  // namespace labelbeam
