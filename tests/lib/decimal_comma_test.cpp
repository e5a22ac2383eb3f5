#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/readers/predictions.h>
#include <labelbeam/writers/dataset_writer.h>
#include <labelbeam/writers/predictions.h>

#include <clocale>
#include <locale>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;

namespace {

struct DecimalComma : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

/// Streams always get the comma; C functions only where the machine has such a locale.
class GermanNumbers {
 public:
  GermanNumbers() : before_(std::locale::global(std::locale(std::locale(), new DecimalComma))) {
    for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8", "de_DE"}) {
      if (std::setlocale(LC_ALL, name)) return;
    }
    WARN("this machine has no C locale with a decimal comma: only streams are tested");
  }
  ~GermanNumbers() {
    std::locale::global(before_);
    std::setlocale(LC_ALL, "C");
  }

 private:
  std::locale before_;
};

void write_all(const TemporaryFolder& folder, const std::string& prefix) {
  Dataset data{LabelVocab(std::vector<std::string>{"a"}), {}};
  data.rows.resize(1);
  data.rows[0].id = "1234567";
  data.rows[0].text = "1,5";
  data.rows[0].weight = 1234.5;
  write_dataset(folder / (prefix + ".csv"), data);
  data.rows[0].dense = {0.25f, -1e-7f};
  write_dataset(folder / (prefix + ".jsonl"), data);
  write_dataset(folder / (prefix + ".arff"), data);
  data.rows[0].weight = 1.0;
  data.rows[0].text.reset();
  data.num_features = 1234567;
  write_dataset(folder / (prefix + ".xmc"), data);
  data.labels = LabelVocab(std::vector<std::string>{"1234567"});
  data.rows[0].labels = {0};
  write_dataset(folder / (prefix + ".svm"), data);
  Prediction prediction;
  prediction.id = "1";
  prediction.scores = {{"a", 1234.5678}};
  prediction.residual = 0.125;
  write_predictions(folder / (prefix + "-p.jsonl"), std::vector<Prediction>{prediction});
}

}  // namespace

TEST_CASE("A locale with a decimal comma changes neither what is written nor what is read") {
  const TemporaryFolder folder;
  write_all(folder, "plain");
  const GermanNumbers locale;
  write_all(folder, "comma");
  for (const std::string suffix : {".csv", ".jsonl", ".arff", ".xmc", ".svm", "-p.jsonl"}) {
    CHECK(bytes_of(folder / ("comma" + suffix)) == bytes_of(folder / ("plain" + suffix)));
  }
  const Dataset csv = read_dataset(folder / "plain.csv");
  CHECK(csv.rows[0].weight == 1234.5);
  CHECK(csv.rows[0].text == "1,5");
  const Dataset jsonl = read_dataset(folder / "plain.jsonl");
  CHECK(jsonl.rows[0].weight == 1234.5);
  CHECK(jsonl.rows[0].dense == std::vector<float>{0.25f, -1e-7f});
  const Dataset arff = read_dataset(folder / "plain.arff");
  CHECK(arff.rows == jsonl.rows);
  const Dataset xmc = read_dataset(folder / "plain.xmc");
  CHECK(xmc.num_features == 1234567);
  CHECK(xmc.rows[0].sparse.values == jsonl.rows[0].dense);
  const Dataset svm = read_dataset(folder / "plain.svm");
  CHECK(svm.labels.name(0) == "1234567");
  CHECK(svm.rows[0].sparse == xmc.rows[0].sparse);
  const Prediction prediction = read_predictions(folder / "plain-p.jsonl").front();
  CHECK(prediction.scores.front().second == 1234.5678);
  CHECK(prediction.residual == 0.125);
}
