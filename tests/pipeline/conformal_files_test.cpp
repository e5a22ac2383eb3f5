#include <labelbeam/error.h>
#include <labelbeam/pipeline/conformal_files.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;
using nlohmann::json;

namespace {

/// 20 rows: the sets {a}, {b} with 0.6 and 0.3; the truth is {a} in 12 rows, {b} in 6 and another
/// set in 2.
struct Files {
  TemporaryFolder folder;
  std::string truth, predictions;

  Files() {
    std::string truth_lines, prediction_lines;
    for (int i = 0; i < 20; ++i) {
      const json labels = i < 12   ? json::array({"a"})
                          : i < 18 ? json::array({"b"})
                                   : json::array({"a", "c"});
      const std::string id = std::to_string(i);
      truth_lines += json{{"id", id}, {"labels", labels}}.dump() + "\n";
      const json sets = {{{"labels", {"b"}}, {"log_prob", std::log(0.3)}},
                         {{"labels", {"a"}}, {"log_prob", std::log(0.6)}}};
      prediction_lines =
          json{{"id", id}, {"sets", sets}}.dump() + "\n" + prediction_lines;  // another order
    }
    truth_lines += "{\"id\":\"unknown\"}\n";
    truth = folder.file("truth.jsonl", truth_lines);
    predictions = folder.file("pred.jsonl", prediction_lines);
  }
};

ConformalOptions lac(std::vector<double> coverage) {
  ConformalOptions options;
  options.score = eval::ConformityScore::lac;
  options.coverage = std::move(coverage);
  return options;
}

}  // namespace

TEST_CASE("Regions of a file hold the sets up to the score of the rank") {
  const Files files;
  ConformalOptions options = lac({0.5, 0.8, 0.95, 0.99});
  options.apply_file = files.predictions;
  options.apply_truth = files.truth;
  const ConformalResult result = conformal_files(files.truth, files.predictions, options);
  CHECK(result.rows == 20);
  CHECK(result.unlabelled == 1);
  CHECK(result.unlisted == 2);
  CHECK(result.levels[0].threshold.rank == 11);
  CHECK(*result.levels[0].threshold.highest == Approx(0.4));
  CHECK(*result.levels[1].threshold.highest == Approx(0.7));
  CHECK(*result.levels[2].threshold.highest == Approx(0.9));
  CHECK(result.levels[3].threshold.is_everything());
  REQUIRE(result.warnings.size() == 1);
  CHECK_THAT(result.warnings[0], contains_text("20 calibration rows are too few"));

  REQUIRE(result.regions.size() == 20);
  const RowRegions& row = result.regions.front();
  CHECK(row.id == "19");
  CHECK(row.levels[0].sets == std::vector<std::vector<std::string>>{{"a"}});
  CHECK_FALSE(row.levels[0].other);
  CHECK(row.levels[1].sets == std::vector<std::vector<std::string>>{{"a"}, {"b"}});
  CHECK_FALSE(row.levels[1].other);
  CHECK(row.levels[2].other);
  CHECK(row.levels[3].other);
  CHECK(result.measured == 20);
  CHECK(result.levels[0].applied->covered == 0.6);
  CHECK(result.levels[1].applied->covered == 0.9);
  CHECK(result.levels[1].applied->mean_sets == 2.0);
  CHECK(result.levels[2].applied->covered == 1.0);
  CHECK(to_json_line(row).starts_with(R"({"id":"19","regions":[{"coverage":0.5,"sets":[["a"]],)"));
}

TEST_CASE("The labels of another truth file may stand in another order") {
  const Files files;
  const std::string truth = files.folder.file("t2.jsonl", "{\"id\":\"x\",\"labels\":[\"b\"]}\n");
  const std::string predictions = files.folder.file(
      "p2.jsonl", R"({"id":"x","sets":[{"labels":["b"],"log_prob":-0.1}],"residual":0.01})"
                  "\n");
  ConformalOptions options = lac({0.5});
  options.apply_file = predictions;
  options.apply_truth = truth;
  CHECK(conformal_files(files.truth, files.predictions, options).levels[0].applied->covered == 1.0);
}

TEST_CASE("Coverage on halves is reported for people and programs") {
  const Files files;
  ConformalOptions options = lac({0.5, 0.9});
  options.num_halves = 50;
  const ConformalResult result = conformal_files(files.truth, files.predictions, options);
  CHECK(result.levels[0].halves->passed);
  CHECK(result.levels[0].halves->num_calibration == 10);
  const json document = json::parse(to_json(result));
  CHECK(document["levels"][1]["halves"]["passed"] == true);
  CHECK(document["levels"][1]["applied"].is_null());
  CHECK_THAT(to_text(result), contains_text("On 50 random halves, calibrated on 10 rows:"));
  options.seed = 2;
  CHECK(conformal_files(files.truth, files.predictions, options).levels[0].halves->mean.covered !=
        result.levels[0].halves->mean.covered);
}

TEST_CASE("Conformal regions refuse predictions without sets and levels that are none") {
  const Files files;
  const std::string bare = files.folder.file("bare.jsonl", "{\"id\":\"0\",\"labels\":[\"a\"]}\n");
  CHECK_THROWS_AS(conformal_files(files.truth, bare), DataError);
  const std::string one = files.folder.file("one.jsonl", "{\"id\":\"0\",\"labels\":[\"a\"]}\n");
  CHECK_THROWS_AS(conformal_files(one, files.predictions), DataError);
  const std::string none = files.folder.file("none.jsonl", "{\"id\":\"0\"}\n");
  const std::string sets = files.folder.file(
      "sets.jsonl", "{\"id\":\"0\",\"sets\":[{\"labels\":[],\"log_prob\":-1}]}\n");
  CHECK_THROWS_AS(conformal_files(none, sets), DataError);
  CHECK_THROWS_AS(conformal_files(files.truth, files.predictions, lac({1.0})),
                  std::invalid_argument);
  CHECK_THROWS_AS(conformal_files(files.truth, files.predictions, lac({})), std::invalid_argument);
  ConformalOptions options = lac({0.9});
  options.apply_truth = files.truth;
  CHECK_THROWS_AS(conformal_files(files.truth, files.predictions, options), std::invalid_argument);
}
