#include <labelbeam/error.h>
#include <labelbeam/pipeline/inspect.h>

#include <nlohmann/json.hpp>
#include <string>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;
using Names = std::vector<std::string>;

namespace {

const std::string kTrain =
    R"({"id":"1","text":"one two three","labels":["a","b"]}
{"id":"2","text":"one","labels":["a","b"]}
{"id":"3","text":"","labels":["c"]}
{"id":"4","labels":[]}
{"id":"5","text":"one two three four five"}
)";
const std::string kValid = R"({"id":"6","labels":["b","a"]}
{"id":"7","labels":["a","c"]}
{"id":"8","labels":["a","new"]}
)";

}  // namespace

TEST_CASE("a data folder is counted split by split") {
  const TemporaryFolder folder;
  folder.file("train.jsonl", kTrain);
  folder.file("dev.jsonl", kValid);
  const DataStatistics statistics = inspect(folder.path());
  CHECK(statistics.num_labels == 4);
  REQUIRE(statistics.splits.size() == 2);

  const SplitStatistics& train = statistics.splits[0];
  CHECK(train.name == "train");
  CHECK(train.rows == 5);
  CHECK(train.unlabelled == 1);
  CHECK(train.labels_used == 3);
  CHECK(train.cardinality == Approx(5.0 / 4));
  CHECK(train.density == Approx(5.0 / 16));
  CHECK(train.largest_set == 2);
  CHECK(train.empty_sets == 1);
  CHECK(train.distinct_sets == 3);
  CHECK_FALSE(train.unseen_sets);
  REQUIRE(train.text);
  CHECK(train.text->texts == 4);
  CHECK(train.text->empty == 1);
  CHECK(train.text->mean == Approx(9.0 / 4));
  CHECK(train.text->median == 1);
  CHECK(train.text->longest == 5);

  const SplitStatistics& valid = statistics.splits[1];
  CHECK(valid.name == "valid");
  CHECK(valid.unseen_sets == 2);
  CHECK(valid.unknown_labels.labels == Names{"new"});
  CHECK_FALSE(valid.text);
}

TEST_CASE("the most frequent labels, sets and pairs are those of train") {
  const TemporaryFolder folder;
  const std::string file = folder.file("rows.jsonl", kTrain);
  const DataStatistics statistics = inspect(file);
  REQUIRE(statistics.labels.size() == 3);
  CHECK(statistics.labels[0].label == "a");
  CHECK(statistics.labels[0].rows == 2);
  REQUIRE(statistics.sets.size() == 3);
  CHECK(statistics.sets[0].labels == Names{"a", "b"});
  CHECK(statistics.sets[0].rows == 2);
  CHECK(statistics.together.empty());  // four rows prove nothing
  CHECK(statistics.apart.empty());
  InspectOptions one;
  one.top = 1;
  CHECK(inspect(file, one).labels.size() == 1);
}

TEST_CASE("statistics are tables and a JSON document") {
  const TemporaryFolder folder;
  const DataStatistics statistics = inspect(folder.file("rows.jsonl", kTrain));
  CHECK_THAT(to_text(statistics),
             contains_text("rows with no label") && contains_text("(no label)"));
  const auto json = nlohmann::json::parse(to_json(statistics));
  CHECK(json["splits"][0]["text"]["median"] == 1);
  CHECK(json["splits"][0]["unseen_sets"].is_null());
  CHECK(json["together"].empty());
}

TEST_CASE("labels that go together and labels that avoid each other are told apart") {
  const TemporaryFolder folder;
  std::string rows;
  for (int i = 0; i < 40; ++i) {
    rows += "{\"id\": \"" + std::to_string(i) + "\", \"labels\": ";
    rows += i % 2 == 0 ? "[\"a\", \"b\"]}\n" : "[\"c\"]}\n";
  }
  const DataStatistics statistics = inspect(folder.file("rows.jsonl", rows));
  REQUIRE(statistics.together.size() == 1);
  CHECK(statistics.together[0].first == "a");
  CHECK(statistics.together[0].second == "b");
  CHECK(statistics.together[0].rows == 20);
  CHECK(statistics.together[0].expected == 10.0);
  CHECK(statistics.together[0].lift == 2.0);
  CHECK(statistics.together[0].npmi > 0.0);
  REQUIRE(statistics.apart.size() == 2);
  CHECK(statistics.apart[0].rows == 0);
  CHECK(statistics.apart[0].npmi < 0.0);
  CHECK_THAT(to_text(statistics), contains_text("labels that go together") &&
                                      contains_text("labels that avoid each other"));
  const auto json = nlohmann::json::parse(to_json(statistics));
  CHECK(json["together"][0]["labels"] == Names{"a", "b"});
  CHECK(json["apart"].size() == 2);
}

TEST_CASE("features are counted") {
  const TemporaryFolder folder;
  const DataStatistics statistics = inspect(folder.file("rows.xmc", "3 9 1\n0 0:1 8:0\n 3:2\n0\n"));
  REQUIRE(statistics.splits[0].features);
  const FeatureStatistics& features = *statistics.splits[0].features;
  CHECK(features.features == 9);
  CHECK(features.dense_rows == 0);
  CHECK(features.sparse_rows == 2);
  CHECK(features.mean_nonzero == 1.0);
  CHECK(features.most_nonzero == 1);
  CHECK_THAT(to_text(statistics), contains_text("rows with sparse features"));
  CHECK(nlohmann::json::parse(to_json(statistics))["splits"][0]["features"]["features"] == 9);
  const DataStatistics texts = inspect(folder.file("rows.jsonl", kTrain));
  CHECK_FALSE(texts.splits[0].features);
  CHECK(to_text(texts).find("features") == std::string::npos);
}

TEST_CASE("a folder without any split is refused") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(inspect(folder.path()), MissingFileError);
  CHECK_THROWS_AS(inspect(folder / "absent.jsonl"), MissingFileError);
}
