#include <labelbeam/readers/predictions.h>
#include <labelbeam/writers/predictions.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;

namespace {

std::vector<Prediction> odd_predictions() {
  Prediction full;
  full.id = "a \"quoted\" id";
  full.labels = {"x, y", "tab\there", "\xf0\x9f\x98\x80"};
  full.scores = {{"tab\there", 0.1}, {"x, y", 1.0 / 3.0}, {"zero", -0.0}};
  full.sets = {{{"x, y"}, -0.6931471805599453}, {{}, -2.302585092994046}};
  full.residual = 0.4;
  Prediction empty;
  empty.id = "2";
  Prediction scores_only;
  scores_only.id = "3";
  scores_only.decided = false;
  scores_only.scores = {{"a", 5e-324}, {"b", 1.7976931348623157e308}};
  return {full, empty, scores_only};
}

}  // namespace

TEST_CASE("Predictions read back as they were written, compressed or not") {
  const TemporaryFolder folder;
  const std::vector<Prediction> predictions = odd_predictions();
  for (const std::string name : {"p.jsonl", "p.jsonl.gz", "p.jsonl.zst"}) {
    write_predictions(folder / name, predictions);
    CHECK(read_predictions(folder / name) == predictions);
  }
}

TEST_CASE("A prediction is one line of JSON in a fixed order") {
  Prediction prediction;
  prediction.id = "7";
  prediction.labels = {"b\n", "a"};
  prediction.scores = {{"a", 0.5}};
  prediction.sets = {{{"a"}, -1.5}};
  prediction.residual = 0.25;
  CHECK(to_json_line(prediction) ==
        "{\"id\": \"7\", \"labels\": [\"b\\n\", \"a\"], \"scores\": {\"a\": 0.5}, "
        "\"sets\": [{\"labels\": [\"a\"], \"log_prob\": -1.5}], \"residual\": 0.25}");
}

TEST_CASE("What JSON cannot carry is refused and no file is written") {
  const TemporaryFolder folder;
  Prediction prediction;
  prediction.id = "1";
  prediction.scores = {{"a", std::numeric_limits<double>::quiet_NaN()}};
  CHECK_THROWS_WITH(to_json_line(prediction),
                    contains_text("a score is nan, which JSON cannot carry"));
  prediction.scores = {{"\xff", 0.5}};
  CHECK_THROWS_WITH(to_json_line(prediction), contains_text("a label is not UTF-8"));
  CHECK_THROWS_AS(write_predictions(folder / "p.jsonl", std::vector<Prediction>{prediction}),
                  std::invalid_argument);
  CHECK(folder.names().empty());
}

TEST_CASE("The predictions reader streams and knows its line") {
  const TemporaryFolder folder;
  PredictionReader reader(folder.file(
      "p.jsonl", "\n{\"id\": 5, \"scores\": {\"b\": 1, \"a\": 0}, \"labels\": null}\n"));
  Prediction prediction;
  REQUIRE(reader.next(prediction));
  CHECK(reader.line_number() == 2);
  CHECK(prediction.id == "5");
  CHECK_FALSE(prediction.decided);
  CHECK(prediction.scores == std::vector<std::pair<std::string, double>>{{"a", 0.0}, {"b", 1.0}});
  CHECK_FALSE(reader.next(prediction));
}
