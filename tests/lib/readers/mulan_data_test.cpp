// The MULAN sets as published, where the machine has them: LABELBEAM_DATA/mulan.

#include <labelbeam/error.h>
#include <labelbeam/readers/dataset_reader.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "catch.h"

using namespace labelbeam;

namespace {

struct Published {
  std::string set;
  std::string file;
  std::size_t rows, features, labels;
  double cardinality;
  std::size_t distinct_sets, no_label;
  bool sparse;
};

const std::vector<Published> kSets{
    {"emotions", "emotions-train", 391, 72, 6, 1.813, 26, 0, false},
    {"emotions", "emotions-test", 202, 72, 6, 1.975, 21, 0, false},
    {"scene", "scene-train", 1211, 294, 6, 1.062, 14, 0, false},
    {"scene", "scene-test", 1196, 294, 6, 1.086, 13, 0, false},
    {"yeast", "yeast-train", 1500, 103, 14, 4.228, 164, 0, false},
    {"yeast", "yeast-test", 917, 103, 14, 4.252, 140, 0, false},
    {"birds", "birds-train", 322, 260, 19, 1.059, 89, 143, false},
    {"birds", "birds-test", 323, 260, 19, 0.969, 84, 151, false},
    {"enron", "enron-train", 1123, 1001, 53, 3.386, 545, 0, true},
    {"enron", "enron-test", 579, 1001, 53, 3.363, 317, 0, true},
    {"medical", "medical-train", 333, 1449, 45, 1.255, 61, 0, true},
    {"medical", "medical-test", 645, 1449, 45, 1.240, 73, 0, true},
    {"bibtex", "bibtex-train", 4880, 1836, 159, 2.380, 2058, 0, true},
    {"bibtex", "bibtex-test", 2515, 1836, 159, 2.444, 1257, 0, true},
    {"corel5k", "Corel5k-train-sparse", 4500, 499, 374, 3.522, 2925, 0, true},
    {"corel5k", "Corel5k-test-sparse", 500, 499, 374, 3.526, 434, 0, true},
    {"flags", "flags-train", 129, 19, 7, 3.419, 45, 0, false},
    {"flags", "flags-test", 65, 19, 7, 3.338, 32, 0, false},
    {"genbase", "genbase-train", 463, 1186, 27, 1.261, 29, 0, false},
    {"genbase", "genbase-test", 199, 1186, 27, 1.231, 21, 0, false},
};

std::string data_folder() {
  const char* folder = std::getenv("LABELBEAM_DATA");
  return folder && *folder ? folder : "../shared/data";
}

}  // namespace

TEST_CASE("The published MULAN sets have the counts that are known of them") {
  const std::filesystem::path folder = std::filesystem::path(data_folder()) / "mulan";
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: there is no folder " << folder << "; LABELBEAM_DATA names that of the data");
    return;
  }
  for (const Published& expected : kSets) {
    INFO(expected.file);
    const Dataset data =
        read_dataset((folder / expected.set / (expected.file + ".arff.gz")).string());
    CHECK(data.rows.size() == expected.rows);
    CHECK(data.num_features == expected.features);
    CHECK(feature_count(data) == expected.features);
    CHECK(data.labels.size() == expected.labels);
    std::set<LabelSet> sets;
    std::size_t occurrences = 0, no_label = 0, wrong_storage = 0;
    for (const Example& row : data.rows) {
      sets.insert(row.labels);
      occurrences += row.labels.size();
      no_label += row.labels.empty() ? 1 : 0;
      wrong_storage += row.dense.size() != (expected.sparse ? 0 : expected.features) ? 1 : 0;
    }
    CHECK(static_cast<double>(occurrences) / static_cast<double>(data.rows.size()) ==
          Approx(expected.cardinality).margin(0.0005));
    CHECK(sets.size() == expected.distinct_sets);
    CHECK(no_label == expected.no_label);
    CHECK(wrong_storage == 0);
  }
  const Dataset birds = read_dataset((folder / "birds" / "birds-train.arff.gz").string());
  CHECK(birds.labels.find("MacGillivray's Warbler"));
}
