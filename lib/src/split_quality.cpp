#include <fmt/format.h>
#include <labelbeam/split_quality.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <unordered_map>

#include "label_combinations.h"

namespace labelbeam {
namespace {

void check(const Dataset& data, std::span<const std::size_t> parts, std::size_t num_parts,
           std::optional<std::size_t> train) {
  if (parts.size() != data.rows.size()) {
    throw std::invalid_argument(
        fmt::format("split_quality: {} rows but parts of {}", data.rows.size(), parts.size()));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] < num_parts) continue;
    throw std::invalid_argument(fmt::format(
        "split_quality: row {} is in part {}, but there are {} shares", i, parts[i], num_parts));
  }
  if (train && *train >= num_parts) {
    throw std::invalid_argument(
        fmt::format("split_quality: train is part {}, but there are {} shares", *train, num_parts));
  }
}

/// Rows of each part that have each of some things, labels or pairs.
class Counts {
 public:
  explicit Counts(std::size_t num_parts) : num_parts_(num_parts) {}

  void add(std::size_t thing, std::size_t part) {
    if (thing >= size()) {
      counts_.resize((thing + 1) * num_parts_);
      totals_.resize(thing + 1);
    }
    ++counts_[thing * num_parts_ + part];
    ++totals_[thing];
  }
  std::size_t size() const { return totals_.size(); }
  std::uint64_t in_part(std::size_t thing, std::size_t part) const {
    return counts_[thing * num_parts_ + part];
  }
  std::uint64_t in_all(std::size_t thing) const { return totals_[thing]; }

 private:
  std::size_t num_parts_;
  std::vector<std::uint64_t> counts_;  ///< [things, parts]
  std::vector<std::uint64_t> totals_;  ///< [things]
};

/// The mean of what was added.
struct Mean {
  double sum = 0.0;
  std::uint64_t terms = 0;

  void add(double term) {
    sum += term;
    ++terms;
  }
  double value() const {
    return terms == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(terms);
  }
};

/// The distance of one part and what could not be told.
struct Distance {
  Mean mean;
  std::uint64_t undefined = 0;
  std::uint64_t absent = 0;
};

double odds(std::uint64_t with, std::uint64_t all) {
  return static_cast<double>(with) / static_cast<double>(all - with);
}

/// Odds in a part against odds in the data, of everything that the data have. `rows` and
/// `all_rows` are the labelled ones.
Distance distance_of(const Counts& counts, std::size_t part, std::uint64_t rows,
                     std::uint64_t all_rows, Mean& all_parts) {
  Distance distance;
  for (std::size_t thing = 0; thing < counts.size(); ++thing) {
    const std::uint64_t in_all = counts.in_all(thing);
    if (in_all == 0) continue;
    const std::uint64_t in_part = counts.in_part(thing, part);
    if (in_part == 0) ++distance.absent;
    if (in_part == rows || in_all == all_rows) {
      ++distance.undefined;
      continue;
    }
    const double term = std::abs(odds(in_part, rows) - odds(in_all, all_rows));
    distance.mean.add(term);
    all_parts.add(term);
  }
  return distance;
}

std::optional<LabelDeviation> largest_deviation(const Counts& labels, std::size_t part,
                                                double share) {
  std::optional<LabelDeviation> largest;
  for (std::size_t label = 0; label < labels.size(); ++label) {
    const double wanted = share * static_cast<double>(labels.in_all(label));
    if (wanted == 0.0) continue;
    const std::uint64_t rows = labels.in_part(label, part);
    const double relative = std::abs(static_cast<double>(rows) - wanted) / wanted;
    if (largest && relative <= largest->relative) continue;
    largest = {static_cast<LabelId>(label), rows, wanted, relative};
  }
  return largest;
}

/// Label sets that the training rows of a part lack: those of `train`, or of all other parts.
void count_unseen(const Dataset& data, std::span<const std::size_t> parts,
                  std::optional<std::size_t> train, std::vector<PartQuality>& qualities) {
  std::unordered_map<LabelSet, std::unordered_map<std::size_t, std::uint64_t>> rows_of_sets;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (data.rows[i].labelled) ++rows_of_sets[data.rows[i].labels][parts[i]];
  }
  for (const auto& [set, rows_of_parts] : rows_of_sets) {
    const bool is_seen = train ? rows_of_parts.count(*train) > 0 : rows_of_parts.size() > 1;
    if (is_seen) continue;
    for (const auto& [part, rows] : rows_of_parts) {
      ++qualities[part].unseen_sets;
      qualities[part].unseen_rows += rows;
    }
  }
}

std::uint64_t occurring(const Counts& counts) {
  std::uint64_t number = 0;
  for (std::size_t thing = 0; thing < counts.size(); ++thing) {
    number += counts.in_all(thing) > 0 ? 1 : 0;
  }
  return number;
}

}  // namespace

SplitQuality split_quality(const Dataset& data, std::span<const std::size_t> parts,
                           std::span<const double> shares, std::optional<std::size_t> train) {
  check(data, parts, shares.size(), train);
  SplitQuality quality;
  quality.parts.resize(shares.size());
  Counts labels(shares.size());
  Counts pairs(shares.size());
  CombinationIndex pair_numbers;
  std::uint64_t labelled_rows = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t part = parts[i];
    const Example& row = data.rows[i];
    ++quality.parts[part].rows;
    if (!row.labelled) continue;
    ++labelled_rows;
    ++quality.parts[part].labelled_rows;
    for (const LabelId label : row.labels) labels.add(label, part);
    for_each_pair(row.labels, [&](LabelId a, LabelId b) {
      pairs.add(pair_numbers.number_of(combination(a, b)), part);
    });
  }
  quality.labels = occurring(labels);
  quality.pairs = occurring(pairs);
  Mean label_distance;
  Mean pair_distance;
  Mean example_distance;
  for (std::size_t p = 0; p < shares.size(); ++p) {
    PartQuality& part = quality.parts[p];
    const Distance of_labels =
        distance_of(labels, p, part.labelled_rows, labelled_rows, label_distance);
    const Distance of_pairs =
        distance_of(pairs, p, part.labelled_rows, labelled_rows, pair_distance);
    part.wanted_rows = shares[p] * static_cast<double>(data.rows.size());
    part.label_distance = of_labels.mean.value();
    part.undefined_labels = of_labels.undefined;
    part.absent_labels = of_labels.absent;
    part.pair_distance = of_pairs.mean.value();
    part.undefined_pairs = of_pairs.undefined;
    part.absent_pairs = of_pairs.absent;
    part.largest_deviation = largest_deviation(labels, p, shares[p]);
    example_distance.add(std::abs(static_cast<double>(part.rows) - part.wanted_rows));
  }
  quality.label_distance = label_distance.value();
  quality.pair_distance = pair_distance.value();
  quality.example_distance = example_distance.value();
  count_unseen(data, parts, train, quality.parts);
  return quality;
}

}  // namespace labelbeam
