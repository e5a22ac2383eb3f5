// Prints random probabilities and outcomes with the maps fitted to them, a JSON object a line, for
// compare_calibration_with_sklearn.py to check. Arguments: the number of samples and a seed.

#include <labelbeam/eval/score_calibration.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "random_sets.h"

int main(int argc, char** argv) {
  using namespace labelbeam::eval;
  if (argc != 3) return EXIT_FAILURE;
  const std::size_t count = std::strtoul(argv[1], nullptr, 10);
  labelbeam::eval::testing::TestRandom random(std::strtoul(argv[2], nullptr, 10));
  for (std::size_t index = 0; index < count; ++index) {
    const std::size_t n = 2 + random.below(200);
    const double scale = 0.3 + 2.0 * random.uniform();
    const double shift = 2.0 * random.uniform() - 1.0;
    std::vector<double> probabilities;
    std::vector<bool> outcomes;
    for (std::size_t i = 0; i < n; ++i) {
      double p = 0.01 + 0.98 * random.uniform();
      if (index % 3 == 1) p = std::round(p * 8.0 + 1.0) / 10.0;  // ties
      const double z = scale * (std::log(p) - std::log1p(-p)) + shift;
      probabilities.push_back(p);
      outcomes.push_back(random.uniform() < 1.0 / (1.0 + std::exp(-z)));
    }
    nlohmann::json line = {{"probabilities", probabilities}, {"outcomes", outcomes}};
    for (const CalibrationMethod method : calibration_methods()) {
      const CalibrationMap map = fit_calibration(method, probabilities, outcomes);
      for (int step = 1; step < 100; ++step) {
        line["maps"][to_string(method)].push_back(apply(map, step / 100.0));
      }
    }
    std::cout << line << '\n';
  }
  return EXIT_SUCCESS;
}
