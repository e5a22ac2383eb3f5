#include <fmt/format.h>
#include <labelbeam/input_file.h>
#include <labelbeam/readers/mulan_labels.h>

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>
#include <string_view>
#include <unordered_set>

#include "readers/json_line.h"
#include "readers/number_text.h"
#include "readers/utf8_check.h"

namespace labelbeam {
namespace {

constexpr std::size_t kMaxDepth = 32;

class LabelsReader {
 public:
  explicit LabelsReader(const std::string& file)
      : file_(file == "-" ? "standard input" : file), text_(read_all(file, kMaxWholeFileBytes)) {
    for (std::size_t at = 0, line = 1; at < text_.size(); ++line) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      check_text_line(std::string_view(text_).substr(at, end - at), file_, line);
      at = end + 1;
    }
  }

  MulanLabels read() {
    refuse_zero_characters();
    pugi::xml_document document;
    const pugi::xml_parse_result result = document.load_buffer(
        text_.data(), text_.size(), pugi::parse_default | pugi::parse_doctype, pugi::encoding_utf8);
    if (!result) fail(result.offset, fmt::format("not valid XML: {}", result.description()));
    for (const pugi::xml_node node : document.children()) {
      if (node.type() == pugi::node_doctype) fail(node, "a document type is not accepted");
    }
    const pugi::xml_node root = document.document_element();
    if (root.name() != std::string_view("labels")) {
      fail(root, fmt::format("the outermost element must be labels, got {}", shown(root.name())));
    }
    if (root.next_sibling()) fail(root.next_sibling(), "something follows the element labels");
    read_children(root, std::nullopt, 1);
    if (labels_.names.empty()) fail(root, "there is no label");
    return std::move(labels_);
  }

 private:
  void read_children(const pugi::xml_node& parent, std::optional<std::size_t> position,
                     std::size_t depth) {
    for (const pugi::xml_node node : parent.children()) {
      if (node.type() != pugi::node_element) fail(node, "text stands between the labels");
      if (node.name() != std::string_view("label")) {
        fail(node, fmt::format("expected an element label, got {}", shown(node.name())));
      }
      if (depth > kMaxDepth) {
        fail(node, fmt::format("labels are nested more than {} levels deep", kMaxDepth));
      }
      read_label(node, position);
      read_children(node, labels_.names.size() - 1, depth + 1);
    }
  }

  void read_label(const pugi::xml_node& node, std::optional<std::size_t> parent) {
    const pugi::xml_attribute attribute = node.attribute("name");
    if (!attribute) fail(node, "a label has no attribute name");
    const std::string name = attribute.value();
    const LinePlace place{file_, line_of(node.offset_debug())};
    check_label_name(name, place);
    if (find_broken_utf8(name) != std::string::npos) {
      place.fail("a label name holds a character reference that is no character");
    }
    if (!seen_.insert(name).second) {
      place.fail(fmt::format("the label {} is repeated", shown(name)));
    }
    labels_.names.push_back(name);
    labels_.parents.push_back(parent);
    labels_.lines.push_back(place.line);
  }

  /// A character reference to zero would cut a name short unseen.
  void refuse_zero_characters() {
    for (std::size_t at = text_.find("&#"); at != std::string::npos; at = text_.find("&#", at)) {
      at += 2;
      const bool is_hex = at < text_.size() && text_[at] == 'x';
      const char* start = text_.data() + at + (is_hex ? 1 : 0);
      unsigned long code = 1;
      const auto [stop, error] =
          std::from_chars(start, text_.data() + text_.size(), code, is_hex ? 16 : 10);
      if (error != std::errc() || code == 0 || code > 0x10ffff) {
        fail(static_cast<std::ptrdiff_t>(at), "a character reference is no character");
      }
    }
  }

  /// Offsets come in order, so that lines are counted once.
  std::size_t line_of(std::ptrdiff_t offset) {
    const std::size_t end =
        std::min(static_cast<std::size_t>(std::max<std::ptrdiff_t>(offset, 0)), text_.size());
    if (end < counted_) counted_ = 0, line_ = 1;
    line_ += static_cast<std::size_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                   text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    counted_ = end;
    return line_;
  }

  [[noreturn]] void fail(std::ptrdiff_t offset, const std::string& reason) {
    LinePlace{file_, line_of(offset)}.fail(reason);
  }
  [[noreturn]] void fail(const pugi::xml_node& node, const std::string& reason) {
    fail(node.offset_debug(), reason);
  }

  std::string file_;
  std::string text_;
  MulanLabels labels_;
  std::unordered_set<std::string> seen_;
  std::size_t counted_ = 0;  // bytes up to which lines are counted
  std::size_t line_ = 1;
};

}  // namespace

MulanLabels read_mulan_labels(const std::string& file) { return LabelsReader(file).read(); }

}  // namespace labelbeam
