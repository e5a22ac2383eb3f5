#include <labelbeam/synthetic.h>

#include <cmath>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"

using namespace labelbeam;

namespace {

std::size_t mask_of(const LabelSet& labels) {
  std::size_t mask = 0;
  for (const LabelId label : labels) mask |= std::size_t{1} << label;
  return mask;
}

/// p(label | text) from the joint posterior.
std::vector<double> marginals_of(const std::vector<double>& log_posteriors,
                                 std::size_t num_labels) {
  std::vector<double> marginals(num_labels);
  for (std::size_t mask = 0; mask < log_posteriors.size(); ++mask) {
    for (std::size_t label = 0; label < num_labels; ++label) {
      if (mask >> label & 1u) marginals[label] += std::exp(log_posteriors[mask]);
    }
  }
  return marginals;
}

}  // namespace

TEST_CASE("The posterior of every short text agrees with counting in a large sample") {
  const SyntheticTask task({.num_labels = 3,
                            .words_per_label = 2,
                            .common_words = 1,
                            .min_words = 1,
                            .max_words = 2,
                            .twin_overlap = 0.5,
                            .seed = 3});
  const std::size_t num_rows = 200000;
  const Dataset data = task.sample(num_rows, 11);
  std::map<std::string, std::map<std::size_t, double>> counts;
  std::map<std::size_t, double> prior_counts;
  for (const Example& row : data.rows) {
    ++counts[*row.text][mask_of(row.labels)];
    ++prior_counts[mask_of(row.labels)];
  }
  for (std::size_t mask = 0; mask < 8; ++mask) {
    LabelSet set;
    for (LabelId label = 0; label < 3; ++label) {
      if (mask >> label & 1u) set.insert(label);
    }
    const double p = std::exp(task.log_prior(set));
    const double error = std::sqrt(p * (1 - p) / static_cast<double>(num_rows));
    INFO("prior of " << mask);
    CHECK(prior_counts[mask] / static_cast<double>(num_rows) == Approx(p).margin(5 * error));
  }
  std::size_t compared = 0;
  for (auto& [text, by_mask] : counts) {
    double total = 0;
    for (const auto& [mask, count] : by_mask) total += count;
    if (total < 500) continue;
    const std::vector<double> logs = task.log_posteriors(text);
    for (std::size_t mask = 0; mask < 8; ++mask) {
      const double p = std::exp(logs[mask]);
      const double error = std::sqrt(p * (1 - p) / total) + 1 / total;
      INFO("text " << text << ", set " << mask);
      CHECK(by_mask[mask] / total == Approx(p).margin(5 * error));
      ++compared;
    }
  }
  CHECK(compared > 200);
}

TEST_CASE("Posteriors sum to one and unknown words say nothing") {
  const SyntheticTask task;
  for (const Example& row : task.sample(20, 5).rows) {
    const std::vector<double> logs = task.log_posteriors(*row.text);
    REQUIRE(logs.size() == 4096);
    double sum = 0;
    for (const double value : logs) sum += std::exp(value);
    CHECK(sum == Approx(1.0).epsilon(1e-12));
    CHECK(task.log_posterior(*row.text, row.labels) == logs[mask_of(row.labels)]);
    CHECK(task.log_posteriors("nonsense " + *row.text + "  nonsense") == logs);
  }
  CHECK(task.log_posterior("", LabelSet{1, 4}) ==
        Approx(task.log_prior(LabelSet{1, 4})).epsilon(1e-12));
}

TEST_CASE("Labels depend on each other: the joint posterior beats the product of its marginals") {
  const SyntheticTask task;
  const Dataset data = task.sample(400, 2);
  double joint = 0, independent = 0;
  for (const Example& row : data.rows) {
    const std::vector<double> logs = task.log_posteriors(*row.text);
    joint -= logs[mask_of(row.labels)];
    const std::vector<double> marginals = marginals_of(logs, 12);
    for (LabelId label = 0; label < 12; ++label) {
      independent -= std::log(row.labels.contains(label) ? marginals[label] : 1 - marginals[label]);
    }
  }
  CHECK(joint / 400 + 0.5 < independent / 400);
}

TEST_CASE("Equal seeds give equal rows and other seeds others") {
  const SyntheticTask task;
  const Dataset data = task.sample(50, 1);
  CHECK(data.rows == SyntheticTask().sample(50, 1).rows);
  CHECK(data.rows != task.sample(50, 2).rows);
  CHECK(data.rows != SyntheticTask({.seed = 2}).sample(50, 1).rows);
  CHECK(data.rows.front().id == "row-0");
  CHECK(task.labels().name(3) == "label03");
}

TEST_CASE("A task of one label works and options out of range are refused") {
  const Dataset data = SyntheticTask({.num_labels = 1}).sample(100, 1);
  CHECK(data.labels.size() == 1);
  CHECK_THROWS_WITH(SyntheticTask({.num_labels = 17}),
                    contains_text("num_labels must be between 1 and 16, got 17"));
  CHECK_THROWS_AS(SyntheticTask({.words_per_label = 1}), std::invalid_argument);
  CHECK_THROWS_AS(SyntheticTask({.common_words = 0}), std::invalid_argument);
  CHECK_THROWS_AS(SyntheticTask({.min_words = 9, .max_words = 8}), std::invalid_argument);
  CHECK_THROWS_AS(SyntheticTask({.background = 0}), std::invalid_argument);
  CHECK_THROWS_AS(SyntheticTask({.twin_overlap = 1.5}), std::invalid_argument);
  CHECK_THROWS_AS(SyntheticTask().log_prior(LabelSet{12}), std::invalid_argument);
}
