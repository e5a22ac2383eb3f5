#include <labelbeam/split.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"

using namespace labelbeam;

namespace {

Dataset grouped_rows(std::size_t num_groups, std::size_t rows_per_group) {
  Dataset data{LabelVocab(std::vector<std::string>{"a"}), {}};
  for (std::size_t row = 0; row < num_groups * rows_per_group; ++row) {
    Example example;
    example.id = "row" + std::to_string(row);
    example.group = "group" + std::to_string(row % num_groups);
    data.rows.push_back(example);
  }
  return data;
}

std::set<std::string> groups_of(const Dataset& data) {
  std::set<std::string> groups;
  for (const Example& row : data.rows) groups.insert(row.group);
  return groups;
}

}  // namespace

TEST_CASE("A split keeps groups whole, meets the shares and loses no row") {
  const Dataset data = grouped_rows(5000, 3);
  const SplitDataset parts = split_by_group(data, {.train = 0.7, .valid = 0.2, .test = 0.1});
  const auto train = groups_of(parts.train), valid = groups_of(parts.valid),
             test = groups_of(parts.test);
  CHECK(train.size() + valid.size() + test.size() == 5000);
  CHECK(parts.train.rows.size() + parts.valid.rows.size() + parts.test.rows.size() == 15000);
  CHECK(static_cast<double>(train.size()) / 5000 == Approx(0.7).margin(0.03));
  CHECK(static_cast<double>(valid.size()) / 5000 == Approx(0.2).margin(0.03));
  CHECK(parts.test.labels == data.labels);
}

TEST_CASE("Where a row goes depends on its group and the seed only") {
  const Dataset data = grouped_rows(200, 1);
  Dataset reversed = data;
  std::reverse(reversed.rows.begin(), reversed.rows.end());
  reversed.rows.resize(100);
  const auto all = groups_of(split_by_group(data).test);
  for (const std::string& group : groups_of(split_by_group(reversed).test)) {
    CHECK(all.count(group) == 1);
  }
  CHECK(all != groups_of(split_by_group(data, {.seed = 1}).test));
}

TEST_CASE("Rows without a group go by their id, and shares of nought give nothing") {
  Dataset data = grouped_rows(300, 1);
  for (Example& row : data.rows) row.group.clear();
  const SplitDataset parts = split_by_group(data, {.train = 0.5, .valid = 0.0, .test = 0.5});
  CHECK(parts.valid.rows.empty());
  CHECK(parts.train.rows.size() > 100);
  CHECK(parts.test.rows.size() > 100);
}

TEST_CASE("Shares that are no probabilities are refused") {
  CHECK_THROWS_WITH(split_by_group({}, {.train = 0.8, .valid = 0.3, .test = 0.1}),
                    contains_text("must be at least 0 and sum to 1, got 0.8, 0.3, 0.1"));
  CHECK_THROWS_AS(split_by_group({}, {.train = 1.2, .valid = -0.3, .test = 0.1}),
                  std::invalid_argument);
}

TEST_CASE("Every part has as many features as the whole declares") {
  Dataset data = grouped_rows(30, 1);
  data.num_features = 12;
  const SplitDataset parts = split_by_group(data);
  CHECK(parts.train.num_features == 12);
  CHECK(parts.valid.num_features == 12);
  CHECK(parts.test.num_features == 12);
}
