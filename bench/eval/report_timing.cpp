// Answers compare_with_sklearn.py: the figures of predictions that it wrote, and what they cost.
//
// Usage: labelbeam_report_timing FOLDER ROWS LABELS, where FOLDER holds truth.u8 and pred.u8, 0 or
// 1 a cell, and scores.f64, all [ROWS, LABELS]. Each line of standard input names a report and how
// often it is to be made: `sets 20` from label sets, `dense 20` from the 0/1 matrices, `scores 2`
// from scores and the 0/1 matrix of the truth. Each gets a line of JSON: seconds of user time a
// report, and the figures.

#include <fmt/format.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/eval/ranking_metrics.h>
#include <sys/resource.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace labelbeam::eval::bench {
namespace {

using Cells = std::vector<unsigned char>;

template <typename T>
std::vector<T> read_matrix(const std::string& file, std::size_t size) {
  std::vector<T> values(size);
  std::ifstream in(file, std::ios::binary);
  const auto bytes = static_cast<std::streamsize>(size * sizeof(T));
  if (!in.read(reinterpret_cast<char*>(values.data()), bytes)) {
    throw std::runtime_error(file + " is missing or too short");
  }
  return values;
}

std::vector<LabelSet> sets_of(const Cells& cells, std::size_t num_labels) {
  std::vector<LabelSet> sets;
  sets.reserve(cells.size() / num_labels);
  std::vector<LabelId> ids(num_labels);
  for (std::size_t row = 0; row < cells.size(); row += num_labels) {
    // Without a branch: which cells are 1 cannot be foreseen.
    std::size_t size = 0;
    for (std::size_t l = 0; l < num_labels; ++l) {
      ids[size] = static_cast<LabelId>(l);
      size += cells[row + l] != 0 ? 1 : 0;
    }
    sets.emplace_back(std::span(ids).first(size));
  }
  return sets;
}

std::vector<NamedValue> set_report(const std::vector<LabelSet>& truth,
                                   const std::vector<LabelSet>& pred, std::size_t num_labels) {
  MetricAccumulator rows(num_labels);
  for (std::size_t i = 0; i < truth.size(); ++i) rows.add(truth[i], pred[i]);
  std::vector<NamedValue> values;
  for (const MetricKind kind : {MetricKind::subset_accuracy, MetricKind::hamming_loss}) {
    values.push_back(named(rows.result({kind, Average::samples, 1.0})));
  }
  for (const MetricKind kind :
       {MetricKind::precision, MetricKind::recall, MetricKind::f_beta, MetricKind::jaccard}) {
    for (const Average average :
         {Average::samples, Average::micro, Average::macro, Average::weighted}) {
      values.push_back(named(rows.result({kind, average, 1.0})));
    }
  }
  return values;
}

double user_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

int run(const std::string& folder, std::size_t num_rows, std::size_t num_labels) {
  const Cells truth_cells = read_matrix<unsigned char>(folder + "/truth.u8", num_rows * num_labels);
  const Cells pred_cells = read_matrix<unsigned char>(folder + "/pred.u8", num_rows * num_labels);
  ScoreMatrix scores(num_rows, num_labels);
  scores.values = read_matrix<double>(folder + "/scores.f64", num_rows * num_labels);
  const std::vector<LabelSet> truth = sets_of(truth_cells, num_labels);
  const std::vector<LabelSet> pred = sets_of(pred_cells, num_labels);
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string report;
    int repeats = 0;
    if (!(words >> report >> repeats) || repeats < 1) throw std::runtime_error("not: " + line);
    std::vector<NamedValue> values;
    const double start = user_seconds();
    for (int repeat = 0; repeat < repeats; ++repeat) {
      if (report == "sets") {
        values = set_report(truth, pred, num_labels);
      } else if (report == "dense") {
        values = set_report(sets_of(truth_cells, num_labels), sets_of(pred_cells, num_labels),
                            num_labels);
      } else if (report == "scores") {
        values = evaluate_ranking(scores, sets_of(truth_cells, num_labels));
      } else {
        throw std::runtime_error("no report is called " + report);
      }
    }
    const double seconds = (user_seconds() - start) / repeats;
    std::string figures;
    for (const NamedValue& value : values) {
      figures +=
          fmt::format("{}\"{}\": {}", figures.empty() ? "" : ", ", value.name,
                      std::isnan(value.value) ? "null" : fmt::format("{:.17g}", value.value));
    }
    std::cout << fmt::format("{{\"seconds\": {:.6f}, \"figures\": {{{}}}}}", seconds, figures)
              << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace labelbeam::eval::bench

int main(int argc, char** argv) {
  try {
    if (argc != 4) throw std::runtime_error("Usage: labelbeam_report_timing FOLDER ROWS LABELS");
    return labelbeam::eval::bench::run(argv[1], std::stoul(argv[2]), std::stoul(argv[3]));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
