#include "writers/sgm_writer.h"

#include <fmt/format.h>
#include <labelbeam/output_file.h>

#include <optional>
#include <stdexcept>

#include "readers/companion_file.h"
#include "readers/file_format.h"
#include "readers/sgm_reader.h"
#include "writers/row_parts.h"

namespace labelbeam {
namespace {

constexpr std::string_view kSgmFormat = "the SGM format";

}  // namespace

void write_sgm(const std::string& path, const Dataset& data) {
  const std::optional<std::string> stem = without_suffix(path, kSgmTexts);
  if (!stem) {
    throw std::invalid_argument(fmt::format(
        "write_dataset: the SGM format is two files, NAME.src and NAME.tgt; {} is no NAME.src",
        path));
  }
  const std::string labels_path =
      *stem + std::string(kSgmLabels) + path.substr(without_compression(path).size());
  refuse_same_file(path, labels_path);
  OutputFile texts(path);
  OutputFile labels(labels_path);
  bool is_first = true;
  for (const Example& row : data.rows) {
    refuse_features(row, kSgmFormat);
    refuse_unlabelled(row, kSgmFormat);
    const std::string& text = text_line(row, kSgmFormat);
    std::string line;
    for (const std::string& name : names_of(row, data.labels)) {
      if (!line.empty()) line += ' ';
      line += label_word(name, row, kSgmFormat);
    }
    if (is_first) refuse_byte_order_mark(text, row);
    if (is_first) refuse_byte_order_mark(line, row);
    is_first = false;
    texts.write(text + '\n');
    labels.write(line + '\n');
  }
  labels.commit();
  texts.commit();
}

}  // namespace labelbeam
