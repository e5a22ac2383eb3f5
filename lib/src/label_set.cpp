#include <labelbeam/label_set.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace labelbeam {
namespace {

void check_id(LabelId label) {
  if (label >= kMaxLabels) {
    throw std::invalid_argument("LabelSet: label id " + std::to_string(label) +
                                " is not below the limit of " + std::to_string(kMaxLabels));
  }
}

}  // namespace

LabelSet::LabelSet(const LabelSet&) = default;
LabelSet::LabelSet(LabelSet&&) noexcept = default;
LabelSet& LabelSet::operator=(const LabelSet&) = default;
LabelSet& LabelSet::operator=(LabelSet&&) noexcept = default;

LabelSet::LabelSet(std::span<const LabelId> ids) : ids_(ids.begin(), ids.end()) {
  for (LabelId id : ids_) check_id(id);
  std::sort(ids_.begin(), ids_.end());
  ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
}

bool LabelSet::contains(LabelId label) const {
  return std::binary_search(ids_.begin(), ids_.end(), label);
}

bool LabelSet::insert(LabelId label) {
  check_id(label);
  const auto at = std::lower_bound(ids_.begin(), ids_.end(), label);
  if (at != ids_.end() && *at == label) return false;
  ids_.insert(at, label);
  return true;
}

bool LabelSet::erase(LabelId label) {
  const auto at = std::lower_bound(ids_.begin(), ids_.end(), label);
  if (at == ids_.end() || *at != label) return false;
  ids_.erase(at);
  return true;
}

std::size_t LabelSet::intersection_size(const LabelSet& other) const {
  std::size_t shared = 0;
  auto a = ids_.begin();
  auto b = other.ids_.begin();
  while (a != ids_.end() && b != other.ids_.end()) {
    if (*a < *b) {
      ++a;
    } else if (*b < *a) {
      ++b;
    } else {
      ++shared, ++a, ++b;
    }
  }
  return shared;
}

bool LabelSet::is_subset_of(const LabelSet& other) const {
  return std::includes(other.ids_.begin(), other.ids_.end(), ids_.begin(), ids_.end());
}

std::strong_ordering LabelSet::operator<=>(const LabelSet& other) const {
  return std::lexicographical_compare_three_way(ids_.begin(), ids_.end(), other.ids_.begin(),
                                                other.ids_.end());
}

}  // namespace labelbeam

std::size_t std::hash<labelbeam::LabelSet>::operator()(
    const labelbeam::LabelSet& set) const noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a over the ids, then a mixing step
  for (labelbeam::LabelId id : set) hash = (hash ^ id) * 0x100000001b3u;
  hash ^= hash >> 32;
  return static_cast<std::size_t>(hash * 0x9e3779b97f4a7c15u);
}
