#include <labelbeam/random.h>
#include <labelbeam/split.h>
#include <labelbeam/split_quality.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "catch.h"

using namespace labelbeam;

namespace {

constexpr SplitMethod kStratified[] = {SplitMethod::stratified, SplitMethod::stratified_pairs};
constexpr SplitMethod kMethods[] = {SplitMethod::hash, SplitMethod::stratified,
                                    SplitMethod::stratified_pairs};
constexpr double kShares[] = {0.8, 0.1, 0.1};

Dataset dataset_of(const std::vector<LabelSet>& sets, std::size_t num_labels) {
  Dataset data;
  for (std::size_t l = 0; l < num_labels; ++l) data.labels.add("label" + std::to_string(l));
  for (std::size_t i = 0; i < sets.size(); ++i) {
    Example row;
    row.id = "row" + std::to_string(i);
    row.labels = sets[i];
    data.rows.push_back(row);
  }
  return data;
}

/// Label l has probability 0.5 / (l + 1), and is likelier beside its predecessor.
Dataset skewed_rows(std::size_t rows, std::size_t num_labels, std::uint64_t seed) {
  CounterRng random(seed);
  std::vector<LabelSet> sets(rows);
  for (LabelSet& set : sets) {
    for (LabelId l = 0; l < num_labels; ++l) {
      const double beside = l > 0 && set.contains(l - 1) ? 2.0 : 0.7;
      if (random.uniform() < 0.5 * beside / (l + 1)) set.insert(l);
    }
  }
  return dataset_of(sets, num_labels);
}

std::vector<std::size_t> rows_of_parts(const std::vector<std::size_t>& parts, std::size_t num) {
  std::vector<std::size_t> rows(num);
  for (const std::size_t part : parts) ++rows.at(part);
  return rows;
}

std::vector<double> equal_shares(std::size_t parts) {
  return std::vector<double>(parts, 1.0 / static_cast<double>(parts));
}

}  // namespace

TEST_CASE("Stratified parts get every label to within a row where rows have one label each") {
  std::vector<LabelSet> sets;
  for (LabelId l = 0; l < 6; ++l) {
    for (std::size_t i = 0; i < 7 + 23 * l; ++i) sets.push_back({l});
  }
  for (int i = 0; i < 41; ++i) sets.push_back({});
  const Dataset data = dataset_of(sets, 6);
  for (const SplitMethod method : kStratified) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto parts = assign_parts(data, kShares, method, seed);
      std::vector<std::array<double, 3>> of_label(6);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        for (const LabelId label : data.rows[i].labels) ++of_label[label][parts[i]];
      }
      for (LabelId l = 0; l < 6; ++l) {
        for (std::size_t p = 0; p < 3; ++p) {
          CHECK(std::abs(of_label[l][p] - kShares[p] * (7.0 + 23.0 * l)) <= 1.0);
        }
      }
      const auto rows = rows_of_parts(parts, 3);
      for (std::size_t p = 0; p < 3; ++p) {
        CHECK(std::abs(static_cast<double>(rows[p]) -
                       kShares[p] * static_cast<double>(sets.size())) <= 1.0);
      }
    }
  }
}

TEST_CASE("Stratifying skewed data is better than hashing, and pairs are what pairs are for") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Dataset data = skewed_rows(1500, 25, seed);
    std::map<SplitMethod, SplitQuality> quality;
    for (const SplitMethod method : kMethods) {
      const auto shares = equal_shares(5);
      quality[method] = split_quality(data, assign_folds(data, 5, method, seed), shares);
    }
    const SplitQuality& hash = quality[SplitMethod::hash];
    const SplitQuality& labels = quality[SplitMethod::stratified];
    const SplitQuality& pairs = quality[SplitMethod::stratified_pairs];
    for (const SplitQuality* better : {&labels, &pairs}) {
      CHECK(better->label_distance < 0.5 * hash.label_distance);
      CHECK(better->example_distance <= hash.example_distance);
    }
    // Balancing labels alone does little for pairs.
    CHECK(pairs.pair_distance < 0.75 * labels.pair_distance);
    CHECK(pairs.pair_distance < 0.75 * hash.pair_distance);
  }
}

TEST_CASE("No method parts a group, and groups are stratified as wholes") {
  Dataset data = skewed_rows(1200, 10, 3);
  CounterRng random(4);
  for (std::size_t i = 0; i < 900; ++i) {
    const double where = random.uniform();
    data.rows[i].group = "group" + std::to_string(static_cast<int>(150.0 * where * where));
  }
  const auto shares = equal_shares(4);
  std::map<SplitMethod, SplitQuality> quality;
  for (const SplitMethod method : kMethods) {
    const auto folds = assign_folds(data, 4, method, 9);
    std::map<std::string, std::size_t> fold_of;
    for (std::size_t i = 0; i < 900; ++i) {
      CHECK(fold_of.try_emplace(data.rows[i].group, folds[i]).first->second == folds[i]);
    }
    quality[method] = split_quality(data, folds, shares);
  }
  for (const SplitMethod method : kStratified) {
    CHECK(quality[method].label_distance < 0.5 * quality[SplitMethod::hash].label_distance);
    CHECK(quality[method].example_distance < 3.0);
  }
}

TEST_CASE("A stratified split depends on rows and seed, not on the order of the rows") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Dataset data = skewed_rows(300, 20, seed);
    for (std::size_t i = 0; i < 200; ++i) data.rows[i].group = "group" + std::to_string(i % 45);
    data.rows[17].labelled = data.rows[250].labelled = false;
    Dataset shuffled = data;
    CounterRng(seed).shuffle(std::span(shuffled.rows));
    for (const SplitMethod method : kMethods) {
      const auto parts = assign_parts(data, kShares, method, seed);
      std::map<std::string, std::size_t> part_of;
      for (std::size_t i = 0; i < parts.size(); ++i) part_of[data.rows[i].id] = parts[i];
      const auto again = assign_parts(shuffled, kShares, method, seed);
      for (std::size_t i = 0; i < again.size(); ++i) {
        CHECK(part_of.at(shuffled.rows[i].id) == again[i]);
      }
      CHECK(parts != assign_parts(data, kShares, method, seed + 1));
    }
  }
}

TEST_CASE("With as many folds as rows every stratified fold is one row") {
  const Dataset data = skewed_rows(60, 6, 7);
  for (const SplitMethod method : kStratified) {
    for (const std::size_t rows : rows_of_parts(assign_folds(data, 60, method, 1), 60)) {
      CHECK(rows == 1);
    }
  }
}

TEST_CASE("A part without a share gets no row however full the others are") {
  const Dataset data = skewed_rows(101, 5, 8);
  const double shares[] = {0.5, 0.0, 0.5};
  for (const SplitMethod method : kMethods) {
    CHECK(rows_of_parts(assign_parts(data, shares, method, 1), 3)[1] == 0);
  }
}

TEST_CASE("Rows without labels, known or not, fill the parts up") {
  Dataset data = dataset_of(std::vector<LabelSet>(100), 2);
  for (std::size_t i = 0; i < 50; ++i) data.rows[i].labelled = false;
  for (const SplitMethod method : kStratified) {
    CHECK(rows_of_parts(assign_parts(data, kShares, method), 3) ==
          std::vector<std::size_t>{80, 10, 10});
  }
  CHECK(assign_parts({}, kShares, SplitMethod::stratified).empty());
}

TEST_CASE("Stratified splits of small data are about as even as any split can be") {
  // Twelve rows into halves: all 924 ways are tried. A greedy method need not find the best.
  double greedy = 0.0;
  double best = 0.0;
  double typical = 0.0;
  const auto shares = equal_shares(2);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const Dataset data = skewed_rows(12, 4, 20 + seed);
    const auto unevenness = [&](const std::vector<std::size_t>& parts) {
      double sum = 0.0;
      for (LabelId l = 0; l < 4; ++l) {
        double difference = 0.0;
        for (std::size_t i = 0; i < parts.size(); ++i) {
          if (data.rows[i].labels.contains(l)) difference += parts[i] == 0 ? 1.0 : -1.0;
        }
        sum += std::abs(difference);
      }
      return sum;
    };
    double least = 1e9;
    double all = 0.0;
    double ways = 0.0;
    for (unsigned mask = 0; mask < (1u << 12); ++mask) {
      std::vector<std::size_t> parts(12);
      for (std::size_t i = 0; i < 12; ++i) parts[i] = (mask >> i) & 1u;
      if (std::accumulate(parts.begin(), parts.end(), std::size_t{0}) != 6) continue;
      const double value = unevenness(parts);
      least = std::min(least, value);
      all += value;
      ++ways;
    }
    greedy += unevenness(assign_folds(data, 2, SplitMethod::stratified, seed));
    best += least;
    typical += all / ways;
  }
  INFO(greedy << " against " << best << " at best and " << typical << " on average");
  CHECK(greedy >= best);
  CHECK(greedy - best < 0.35 * (typical - best));
}

TEST_CASE("Each fold is test once and valid once") {
  const Dataset data = skewed_rows(30, 4, 9);
  const auto folds = assign_folds(data, 3, SplitMethod::stratified);
  for (std::size_t fold = 0; fold < 3; ++fold) {
    const auto parts = rotate_folds(folds, 3, fold);
    const SplitDataset split = take_parts(data, parts);
    CHECK(split.train.rows.size() + split.valid.rows.size() + split.test.rows.size() == 30);
    for (std::size_t i = 0; i < 30; ++i) {
      CHECK((parts[i] == 2) == (folds[i] == fold));
      CHECK((parts[i] == 1) == (folds[i] == (fold + 1) % 3));
    }
    CHECK(split.test.labels == data.labels);
  }
}

TEST_CASE("Splits that cannot be made are refused in full sentences") {
  Dataset data = skewed_rows(9, 3, 1);
  for (Example& row : data.rows) row.group = row.id < "row4" ? "early" : "late";
  CHECK_THROWS_WITH(assign_folds(data, 3, SplitMethod::stratified),
                    contains_text("the number of folds must be 2 to 2") && contains_text("got 3"));
  CHECK_THROWS_WITH(assign_folds(data, 1, SplitMethod::hash), contains_text("got 1"));
  CHECK_THROWS_WITH(assign_parts(data, {}, SplitMethod::stratified),
                    contains_text("the shares must be at least 0 and sum to 1, got none"));
  const double nan[] = {std::nan(""), 1.0};
  CHECK_THROWS_AS(assign_parts(data, nan, SplitMethod::stratified), std::invalid_argument);
  const std::size_t folds[] = {0, 1, 2};
  CHECK_THROWS_WITH(rotate_folds(folds, 2, 0), contains_text("need at least 3 folds, got 2"));
  CHECK_THROWS_AS(rotate_folds(folds, 3, 3), std::invalid_argument);
  CHECK_THROWS_WITH(take_parts(data, folds), contains_text("9 rows but parts of 3"));
  CHECK_THROWS_WITH(take_parts(skewed_rows(1, 1, 1), std::vector<std::size_t>{3}),
                    contains_text("a part must be 0, 1 or 2, but that of row 0 is 3"));
}
