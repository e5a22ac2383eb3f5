#include "readers/arff_reader.h"

#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/readers/mulan_labels.h>

#include <algorithm>
#include <utility>

#include "readers/companion_file.h"
#include "readers/number_text.h"
#include "readers/utf8_check.h"

namespace labelbeam {
namespace {

std::vector<std::size_t> mulan_labels(const std::string& labels_file, const std::string& path,
                                      const ArffHeader& header) {
  const MulanLabels labels = read_mulan_labels(labels_file);
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < labels.names.size(); ++i) {
    const auto at = header.positions.find(labels.names[i]);
    if (at == header.positions.end()) {
      throw DataError(
          labels_file, labels.lines[i],
          fmt::format("the label {} is no attribute of {}", shown(labels.names[i]), path));
    }
    positions.push_back(at->second);
  }
  return positions;
}

/// What follows the word -C in the name of a relation; nullopt where that word is not there.
std::optional<std::string_view> label_option(std::string_view relation) {
  for (std::size_t at = relation.find("-C"); at != std::string_view::npos;
       at = relation.find("-C", at + 1)) {
    const std::string_view rest = relation.substr(at + 2);
    const bool is_word = (at == 0 || relation[at - 1] == ' ' || relation[at - 1] == ':') &&
                         (rest.empty() || rest.front() == ' ');
    if (!is_word) continue;
    const std::size_t start = std::min(rest.find_first_not_of(' '), rest.size());
    return rest.substr(start, rest.find(' ', start) - start);
  }
  return std::nullopt;
}

std::vector<std::size_t> meka_labels(const std::string& path, const ArffHeader& header) {
  const LinePlace place{path, header.relation_line};
  const std::optional<std::string_view> option = label_option(header.relation);
  if (!option) place.fail("the name of the relation has no \"-C n\", which says what labels are");
  const std::size_t num_attributes = header.attributes.size();
  const bool at_end = option->starts_with('-');
  const std::optional<std::uint64_t> count = whole_number(option->substr(at_end ? 1 : 0));
  if (!count || *count == 0 || *count > num_attributes) {
    place.fail(fmt::format(
        "the option -C of the relation must be a number of labels from 1 to {}, or its negative, "
        "got {}",
        num_attributes, shown(*option)));
  }
  const auto num_labels = static_cast<std::size_t>(*count);
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < num_labels; ++i) {
    positions.push_back(at_end ? num_attributes - num_labels + i : i);
  }
  return positions;
}

bool is_binary(const ArffAttribute& attribute) {
  return attribute.kind == ArffAttribute::Kind::numeric ||
         (attribute.positions.size() == 2 && attribute.positions.contains("0") &&
          attribute.positions.contains("1"));
}

}  // namespace

std::optional<std::string> find_mulan_labels(const std::string& path, const ReadOptions& options) {
  if (!options.labels_file.empty()) return options.labels_file;
  if (path == "-") return std::nullopt;
  if (auto file = find_companion(path, kMulanLabelsSuffix)) return file;
  return find_only_file(path, kMulanLabelsSuffix);
}

std::unique_ptr<RowReader> open_arff(const std::string& path, const ReadOptions& options) {
  LineReader lines(path);
  ArffHeader header = read_arff_header(lines);
  std::optional<std::string> labels_file;
  if (options.format != RowFormat::meka) labels_file = find_mulan_labels(path, options);
  std::vector<std::size_t> labels;
  if (labels_file) {
    labels = mulan_labels(*labels_file, lines.name(), header);
  } else if (options.format == RowFormat::mulan) {
    throw MissingFileError(lines.name(), "there is no XML file beside it that names its labels");
  } else if (options.format == RowFormat::meka || label_option(header.relation)) {
    labels = meka_labels(lines.name(), header);
  } else {
    throw DataError(lines.name(), header.relation_line,
                    "nothing says which attributes are labels: there is no XML file beside it, and "
                    "the name of the relation has no \"-C n\"");
  }
  return std::make_unique<ArffReader>(std::move(lines), std::move(header), labels, options);
}

ArffReader::ArffReader(LineReader lines, ArffHeader header, const std::vector<std::size_t>& labels,
                       const ReadOptions& options)
    : lines_(std::move(lines)),
      attributes_(std::move(header.attributes)),
      uses_(attributes_.size()) {
  for (const std::size_t position : labels) {
    const ArffAttribute& attribute = attributes_[position];
    const LinePlace place{name(), attribute.line};
    check_label_name(attribute.name, place);
    if (!is_binary(attribute)) {
      place.fail(fmt::format("the label {} must be an attribute {{0,1}} or numeric",
                             shown(attribute.name)));
    }
    uses_[position] = {Role::label, static_cast<std::uint32_t>(labels_.size())};
    labels_.push_back(attribute.name);
    const auto one = attribute.positions.find("1");
    omitted_.push_back(one != attribute.positions.end() && one->second == 0 ? LabelState::present
                                                                            : LabelState::absent);
  }
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    if (uses_[i].role == Role::label) continue;
    if (attributes_[i].kind == ArffAttribute::Kind::string) {
      use_string(options, i);
    } else {
      uses_[i].index = static_cast<std::uint32_t>(num_features_++);
    }
  }
}

void ArffReader::use_string(const ReadOptions& options, std::size_t attribute) {
  const std::string& column = attributes_[attribute].name;
  if (column == options.id_column) {
    uses_[attribute].role = Role::id;
    has_id_ = true;
  } else if (column == options.text_column) {
    uses_[attribute].role = Role::text;
  } else if (column == options.group_column) {
    uses_[attribute].role = Role::group;
  } else {
    LinePlace{name(), attributes_[attribute].line}.fail(
        fmt::format("the attribute {} is a string, which is no feature; only \"{}\", \"{}\" and "
                    "\"{}\" may be strings",
                    shown(column), options.id_column, options.text_column, options.group_column));
  }
}

bool ArffReader::next(Row& row) {
  for (;;) {
    if (!lines_.next(line_)) return false;
    const LinePlace place{name(), lines_.line_number()};
    check_text_line(line_, place.file, place.line);
    ArffLine line(line_, place);
    if (line.at_end()) continue;
    row = Row{};
    row.line = place.line;
    ++num_rows_;
    if (!has_id_) row.id = std::to_string(num_rows_);
    states_ = omitted_;
    if (line.skip('{')) {
      read_sparse(line, place, row);
    } else {
      read_dense(line, place, row);
    }
    if (!line.at_end()) place.fail("something follows the row");
    if (row.id.empty()) place.fail("the row has no id");
    take_labels(place, row);
    return true;
  }
}

void ArffReader::read_dense(ArffLine& line, const LinePlace& place, Row& row) {
  row.dense.reserve(num_features_);
  std::size_t count = 0;
  for (bool more = true; more;) {
    ArffLine::Word word = line.word("a value");
    if (count < attributes_.size()) take(count, std::move(word), false, place, row);
    ++count;
    const bool comma = line.skip(',');
    if (line.at('{')) {
      read_weight(line, place, row);
      break;
    }
    more = comma || !line.at_end();
  }
  if (count != attributes_.size()) {
    place.fail(fmt::format("the row has {} values, but there are {} attributes", count,
                           attributes_.size()));
  }
}

void ArffReader::read_sparse(ArffLine& line, const LinePlace& place, Row& row) {
  std::size_t next = 0;
  for (bool more = !line.skip('}'); more;) {
    const std::string index = line.word("the index of an attribute").text;
    const std::optional<std::uint64_t> position = whole_number(index);
    if (!position || *position >= attributes_.size()) {
      place.fail(fmt::format("the attribute index {} is not a whole number below {}", shown(index),
                             attributes_.size()));
    }
    if (*position < next) {
      place.fail(
          fmt::format("the attribute index {} is not greater than the one before it", *position));
    }
    next = static_cast<std::size_t>(*position) + 1;
    take(next - 1, line.word("a value"), true, place, row);
    if (line.skip('}')) break;
    if (!line.skip(',')) place.fail("a sparse row has no closing brace");
  }
  line.skip(',');
  if (line.at('{')) read_weight(line, place, row);
}

void ArffReader::read_weight(ArffLine& line, const LinePlace& place, Row& row) {
  line.skip('{');
  const std::string text = line.word("a weight").text;
  const std::optional<double> weight = weight_value(text);
  if (!weight) {
    place.fail(fmt::format("the weight {} is not a finite number of at least 0", shown(text)));
  }
  row.weight = *weight;
  if (!line.skip('}')) place.fail("the weight has no closing brace");
}

void ArffReader::take(std::size_t attribute, ArffLine::Word word, bool sparse,
                      const LinePlace& place, Row& row) {
  const ArffAttribute& declared = attributes_[attribute];
  switch (uses_[attribute].role) {
    case Role::feature: {
      const float value = feature(declared, word, place);
      if (sparse) {
        row.sparse.indices.push_back(uses_[attribute].index);
        row.sparse.values.push_back(value);
      } else {
        row.dense.push_back(value);
      }
      break;
    }
    case Role::label: {
      LabelState& state = states_[uses_[attribute].index];
      if (word.is_missing()) {
        state = LabelState::unknown;
      } else if (word.text == "0" || word.text == "1") {
        state = word.text == "1" ? LabelState::present : LabelState::absent;
      } else {
        place.fail(fmt::format("the label {} must be 0, 1 or ?, got {}", shown(declared.name),
                               shown(word.text)));
      }
      break;
    }
    case Role::id:
      if (!word.is_missing()) row.id = std::move(word.text);
      break;
    case Role::text:
      if (!word.is_missing()) row.text = std::move(word.text);
      break;
    case Role::group:
      if (!word.is_missing()) row.group = std::move(word.text);
      break;
  }
}

float ArffReader::feature(const ArffAttribute& attribute, const ArffLine::Word& word,
                          const LinePlace& place) const {
  if (word.is_missing()) {
    place.fail(
        fmt::format("the attribute {} is missing (?), which features cannot be: fill it in or "
                    "leave the row out",
                    shown(attribute.name)));
  }
  if (attribute.kind == ArffAttribute::Kind::numeric) return feature_value(word.text, place);
  const auto at = attribute.positions.find(word.text);
  if (at == attribute.positions.end()) {
    place.fail(fmt::format("the attribute {} cannot be {}, which its declaration does not list",
                           shown(attribute.name), shown(word.text)));
  }
  return static_cast<float>(at->second);
}

void ArffReader::take_labels(const LinePlace& place, Row& row) const {
  const auto unknown = std::count(states_.begin(), states_.end(), LabelState::unknown);
  row.labelled = unknown == 0;
  if (unknown > 0 && static_cast<std::size_t>(unknown) < states_.size()) {
    place.fail(fmt::format("{} of {} labels are missing (?): all of a row's or none must be",
                           unknown, states_.size()));
  }
  for (std::size_t label = 0; label < states_.size(); ++label) {
    if (states_[label] == LabelState::present) row.labels.push_back(labels_[label]);
  }
}

}  // namespace labelbeam
