// Writes a made-up report to stdout. Arguments: json, text, markdown or html, and the number of
// labels.

#include <labelbeam/eval/report_writers.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "sample_report.h"

int main(int argc, char** argv) {
  using namespace labelbeam::eval;
  if (argc != 3) return EXIT_FAILURE;
  const std::string_view format = argv[1];
  const ComparisonReport report = testing::sample_report(std::strtoul(argv[2], nullptr, 10));
  if (format == "json") {
    std::cout << to_json(report);
  } else if (format == "text") {
    std::cout << to_text(report);
  } else if (format == "markdown") {
    std::cout << to_markdown(report);
  } else if (format == "html") {
    std::cout << to_html(report);
  } else {
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
