#include <labelbeam/label_vocab.h>

#include <stdexcept>

namespace labelbeam {
namespace {

constexpr std::size_t kMaxNameBytes = 4096;

void check_name(std::string_view name) {
  if (name.empty()) throw std::invalid_argument("LabelVocab: a label name must not be empty");
  if (name.size() > kMaxNameBytes) {
    throw std::invalid_argument("LabelVocab: a label name of " + std::to_string(name.size()) +
                                " bytes is over the limit of " + std::to_string(kMaxNameBytes));
  }
}

}  // namespace

LabelVocab::LabelVocab(std::span<const std::string> names) {
  for (const std::string& name : names) {
    if (find(name))
      throw std::invalid_argument("LabelVocab: the label \"" + name + "\" is repeated");
    add(name);
  }
}

LabelId LabelVocab::add(std::string_view name) {
  check_name(name);
  if (const auto known = find(name)) return *known;
  if (names_.size() >= kMaxLabels) {
    throw std::invalid_argument("LabelVocab: more than " + std::to_string(kMaxLabels) + " labels");
  }
  const auto id = static_cast<LabelId>(names_.size());
  names_.emplace_back(name);
  ids_.emplace(names_.back(), id);
  return id;
}

std::optional<LabelId> LabelVocab::find(std::string_view name) const {
  const auto at = ids_.find(std::string(name));
  if (at == ids_.end()) return std::nullopt;
  return at->second;
}

}  // namespace labelbeam
