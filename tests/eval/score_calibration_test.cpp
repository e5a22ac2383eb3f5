#include <labelbeam/eval/score_calibration.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "random_scores.h"

using namespace labelbeam;
using namespace labelbeam::eval;
using labelbeam::eval::testing::TestRandom;

namespace {

struct Sample {
  std::vector<double> probabilities;
  std::vector<bool> outcomes;
};

double logit(double p) { return std::log(p) - std::log1p(-p); }
double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/// Outcomes whose log-odds are `scale` times those that are shown, plus `shift`.
Sample miscalibrated(std::size_t n, double scale, double shift, TestRandom& random) {
  Sample sample;
  for (std::size_t i = 0; i < n; ++i) {
    const double p = 0.02 + 0.96 * random.uniform();
    sample.probabilities.push_back(p);
    sample.outcomes.push_back(random.uniform() < sigmoid(scale * logit(p) + shift));
  }
  return sample;
}

double log_loss(const Sample& sample, const CalibrationMap& map) {
  double loss = 0.0;
  for (std::size_t i = 0; i < sample.outcomes.size(); ++i) {
    const double p = apply(map, sample.probabilities[i]);
    loss -= std::log(sample.outcomes[i] ? p : 1.0 - p);
  }
  return loss / static_cast<double>(sample.outcomes.size());
}

double positive_count(const Sample& sample) {
  double count = 0.0;
  for (const bool outcome : sample.outcomes) count += outcome ? 1.0 : 0.0;
  return count;
}

/// Platt's loss: log loss against his smoothed targets.
double platt_loss(const Sample& sample, const PlattMap& map) {
  const double positives = positive_count(sample);
  const double negatives = static_cast<double>(sample.outcomes.size()) - positives;
  double loss = 0.0;
  for (std::size_t i = 0; i < sample.outcomes.size(); ++i) {
    const double target =
        sample.outcomes[i] ? (positives + 1.0) / (positives + 2.0) : 1.0 / (negatives + 2.0);
    const double p = map.apply(sample.probabilities[i]);
    loss -= target * std::log(p) + (1.0 - target) * std::log(1.0 - p);
  }
  return loss / static_cast<double>(sample.outcomes.size());
}

/// The slope of `loss` as its argument moves by a small step either way.
template <typename Loss>
double slope_at(double at, Loss loss) {
  const double step = 1e-4;
  return (loss(at + step) - loss(at - step)) / (2.0 * step);
}

CalibrationMap fit(CalibrationMethod method, const Sample& sample) {
  return fit_calibration(method, sample.probabilities, sample.outcomes);
}

}  // namespace

TEST_CASE("Temperature is found again, and its loss is flat") {
  TestRandom random(1);
  const Sample sample = miscalibrated(20000, 0.5, 0.0, random);
  const auto map = std::get<TemperatureMap>(fit(CalibrationMethod::temperature, sample));
  CHECK(map.temperature == Approx(2.0).epsilon(0.05));
  const double slope =
      slope_at(map.temperature, [&](double t) { return log_loss(sample, TemperatureMap{t}); });
  CHECK(std::abs(slope) < 1e-7);
}

TEST_CASE("Temperature stays within its bounds where the loss has no least value") {
  const std::vector<double> probabilities = {0.9, 0.2};
  CHECK(std::get<TemperatureMap>(
            fit_calibration(CalibrationMethod::temperature, probabilities, {true, false}))
            .temperature == 1e-3);
  CHECK(std::get<TemperatureMap>(
            fit_calibration(CalibrationMethod::temperature, probabilities, {false, true}))
            .temperature == 1e3);
}

TEST_CASE("Platt's map is at the least of his loss against smoothed targets") {
  TestRandom random(2);
  for (const std::size_t n : {30UL, 300UL, 3000UL}) {
    const Sample sample = miscalibrated(n, 0.6, -1.0, random);
    const auto map = std::get<PlattMap>(fit(CalibrationMethod::platt, sample));
    INFO(n << " rows: slope " << map.slope << ", intercept " << map.intercept);
    CHECK(std::abs(slope_at(map.slope, [&](double slope) {
            return platt_loss(sample, {slope, map.intercept});
          })) < 1e-6);
    CHECK(std::abs(slope_at(map.intercept, [&](double intercept) {
            return platt_loss(sample, {map.slope, intercept});
          })) < 1e-6);
    CHECK(platt_loss(sample, map) <= platt_loss(sample, {1.0, 0.0}));
  }
}

TEST_CASE("Platt's map is finite where classes are parted, and flat where the order is wrong") {
  const std::vector<double> probabilities = {0.1, 0.2, 0.8, 0.9};
  const auto parted = std::get<PlattMap>(
      fit_calibration(CalibrationMethod::platt, probabilities, {false, false, true, true}));
  CHECK(parted.slope > 0.0);
  CHECK(parted.slope < 10.0);
  const auto inverted = std::get<PlattMap>(
      fit_calibration(CalibrationMethod::platt, probabilities, {true, true, false, false}));
  CHECK(inverted.slope == 0.0);
  CHECK(inverted.apply(0.3) == Approx(0.5).margin(1e-6));
}

TEST_CASE("The beta map is at the least of log loss within its bounds") {
  TestRandom random(3);
  const Sample sample = miscalibrated(2000, 1.7, 0.5, random);
  const auto map = std::get<BetaMap>(fit(CalibrationMethod::beta, sample));
  INFO(map.a << " " << map.b << " " << map.c);
  const auto slopes = {slope_at(map.a,
                                [&](double a) {
                                  return log_loss(sample, BetaMap{a, map.b, map.c});
                                }),
                       slope_at(map.b,
                                [&](double b) {
                                  return log_loss(sample, BetaMap{map.a, b, map.c});
                                }),
                       slope_at(map.c, [&](double c) {
                         return log_loss(sample, BetaMap{map.a, map.b, c});
                       })};
  for (const double slope : slopes) CHECK(std::abs(slope) < 1e-6);

  Sample inverted = sample;
  inverted.outcomes.flip();
  const auto bound = std::get<BetaMap>(fit(CalibrationMethod::beta, inverted));
  CHECK(bound.a == 0.0);
  CHECK(bound.b == 0.0);
}

TEST_CASE("The beta map of parted classes stays finite") {
  const std::vector<double> probabilities = {0.1, 0.2, 0.8, 0.9};
  const CalibrationMap map =
      fit_calibration(CalibrationMethod::beta, probabilities, {false, false, true, true});
  CHECK(apply(map, 0.1) < 0.01);
  CHECK(apply(map, 0.9) > 0.99);
}

TEST_CASE("Isotonic regression has the least squared error of all never falling outputs") {
  // By brute force: never falling outputs on a grid that holds all means of up to 5 outcomes.
  TestRandom random(4);
  for (int round = 0; round < 200; ++round) {
    Sample sample;
    for (int i = 0; i < 5; ++i) {
      sample.probabilities.push_back(static_cast<double>(random.below(4)) / 4.0);  // with ties
      sample.outcomes.push_back(random.below(2) == 1);
    }
    const auto map = std::get<IsotonicMap>(fit(CalibrationMethod::isotonic, sample));
    const auto squares = [&](const std::vector<double>& outputs) {
      double sum = 0.0;
      for (std::size_t i = 0; i < 5; ++i) {
        const double y = outputs[static_cast<std::size_t>(sample.probabilities[i] * 4.0)];
        sum += (y - (sample.outcomes[i] ? 1.0 : 0.0)) * (y - (sample.outcomes[i] ? 1.0 : 0.0));
      }
      return sum;
    };
    const std::vector<double> grid = {0.0, 0.2,     0.25, 1.0 / 3, 0.4, 0.5,
                                      0.6, 2.0 / 3, 0.75, 0.8,     1.0};
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t a = 0; a < grid.size(); ++a) {
      for (std::size_t b = a; b < grid.size(); ++b) {
        for (std::size_t c = b; c < grid.size(); ++c) {
          for (std::size_t d = c; d < grid.size(); ++d) {
            best = std::min(best, squares({grid[a], grid[b], grid[c], grid[d]}));
          }
        }
      }
    }
    const double ours = squares({map.apply(0.0), map.apply(0.25), map.apply(0.5), map.apply(0.75)});
    CHECK(ours == Approx(best).margin(1e-12));
  }
}

TEST_CASE("No map falls, and all answers are probabilities") {
  TestRandom random(5);
  for (const CalibrationMethod method : calibration_methods()) {
    for (int round = 0; round < 20; ++round) {
      const Sample sample = miscalibrated(5 + random.below(100), 4.0 * random.uniform() - 1.0,
                                          random.uniform(), random);
      const CalibrationMap map = fit(method, sample);
      double last = 0.0;
      for (int step = 0; step <= 200; ++step) {
        const double p = apply(map, step / 200.0);
        INFO(to_string(method) << " at " << step);
        REQUIRE(p >= last - 1e-15);
        REQUIRE(p <= 1.0);
        last = p;
      }
    }
  }
}

TEST_CASE("No map is less likely than the identity on the rows it is fitted to") {
  TestRandom random(6);
  for (const CalibrationMethod method :
       {CalibrationMethod::temperature, CalibrationMethod::beta, CalibrationMethod::isotonic}) {
    for (int round = 0; round < 20; ++round) {
      const Sample sample = miscalibrated(200, 2.0 * random.uniform(), random.uniform(), random);
      INFO(to_string(method));
      // Isotonic regression is the likeliest of all never falling maps too (Robertson et al. 1988).
      CHECK(log_loss(sample, fit(method, sample)) <= log_loss(sample, TemperatureMap{1.0}) + 1e-12);
    }
  }
}

TEST_CASE("A label with few positives gets the pooled map, and a warning says so") {
  TestRandom random(7);
  ScoreMatrix scores(400, 3);
  std::vector<LabelSet> truth(400);
  for (std::size_t i = 0; i < 400; ++i) {
    for (std::size_t l = 0; l < 3; ++l) {
      const double p = 0.05 + 0.9 * random.uniform();
      scores.row(i)[l] = p;
      const bool rare = l == 1;
      if (rare ? i < 19 : random.uniform() < sigmoid(0.5 * logit(p))) {
        truth[i].insert(static_cast<LabelId>(l));
      }
    }
  }
  std::vector<bool> cells;
  for (const LabelSet& set : truth) {
    for (LabelId l = 0; l < 3; ++l) cells.push_back(set.contains(l));
  }
  for (const CalibrationMethod method :
       {CalibrationMethod::platt, CalibrationMethod::beta, CalibrationMethod::isotonic}) {
    const ScoreCalibration calibration = calibrate_scores(method, scores, assume_not_test(truth));
    CHECK(calibration.pooled_labels == std::vector<LabelId>{1});
    REQUIRE(calibration.warnings.size() == 1);
    CHECK(calibration.warnings[0].find("1 of 3 labels have fewer than 20 positive rows") !=
          std::string::npos);
    const CalibrationMap pooled = fit_calibration(method, scores.values, cells);
    const ScoreMatrix calibrated = calibration.apply(scores);
    CHECK(calibrated.row(0)[1] == apply(pooled, scores.row(0)[1]));
    CHECK(calibrated.row(0)[0] != apply(pooled, scores.row(0)[0]));
    CHECK(calibrate_scores(method, scores, assume_not_test(truth), 19).pooled_labels.empty());
  }
  const ScoreCalibration one =
      calibrate_scores(CalibrationMethod::temperature, scores, assume_not_test(truth));
  CHECK(one.pooled_labels.empty());
  CHECK(std::get<TemperatureMap>(one.maps[0]).temperature ==
        std::get<TemperatureMap>(one.maps[2]).temperature);
}

TEST_CASE("Maps of certain probabilities are finite") {
  const std::vector<double> probabilities = {0.0, 1.0, 0.0, 1.0, 0.5};
  for (const CalibrationMethod method : calibration_methods()) {
    const CalibrationMap map =
        fit_calibration(method, probabilities, {false, true, true, true, false});
    for (const double p : {0.0, 0.5, 1.0}) CHECK(std::isfinite(apply(map, p)));
  }
}

TEST_CASE("Calibration refuses what is no probability and what does not fit together") {
  const auto fit_platt = [](std::vector<double> probabilities, std::vector<bool> outcomes) {
    return fit_calibration(CalibrationMethod::platt, probabilities, outcomes);
  };
  CHECK_THROWS_AS(fit_platt({}, {}), std::invalid_argument);
  CHECK_THROWS_AS(fit_platt({0.5}, {true, false}), std::invalid_argument);
  CHECK_THROWS_AS(fit_platt({1.5}, {true}), std::invalid_argument);
  CHECK_THROWS_AS(TemperatureMap{2.0}.apply(-0.1), std::invalid_argument);
  CHECK_THROWS_AS(IsotonicMap({{0.5}, {0.5}}).apply(std::nan("")), std::invalid_argument);
  CHECK_THROWS_AS(ScoreCalibration{}.apply(ScoreMatrix(1, 1)), std::invalid_argument);
}
