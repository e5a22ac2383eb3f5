#include <fmt/format.h>
#include <labelbeam/split.h>
#include <labelbeam/stable_hash.h>

#include <cmath>
#include <stdexcept>

namespace labelbeam {
namespace {

void check(const SplitOptions& options) {
  const auto is_share = [](double share) { return share >= 0.0 && share <= 1.0; };
  const double sum = options.train + options.valid + options.test;
  if (is_share(options.train) && is_share(options.valid) && is_share(options.test) &&
      std::abs(sum - 1.0) < 1e-9) {
    return;
  }
  throw std::invalid_argument(
      fmt::format("split_by_group: the shares must be at least 0 and sum to 1, got {}, {} and {}",
                  options.train, options.valid, options.test));
}

}  // namespace

SplitDataset split_by_group(const Dataset& data, const SplitOptions& options) {
  check(options);
  SplitDataset parts{{data.labels, {}}, {data.labels, {}}, {data.labels, {}}};
  for (const Example& row : data.rows) {
    const std::string& key = row.group.empty() ? row.id : row.group;
    const double position = unit_interval(stable_hash(key, options.seed));
    // Test comes first, so that moving rows between train and valid leaves it as it is.
    Dataset& part = position < options.test                   ? parts.test
                    : position < options.test + options.valid ? parts.valid
                                                              : parts.train;
    part.rows.push_back(row);
  }
  return parts;
}

}  // namespace labelbeam
