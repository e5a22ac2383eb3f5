#include <fmt/format.h>
#include <labelbeam/graph/frequent_sets.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace labelbeam {
namespace {

/// A label and the rows that hold it and all labels of the current prefix.
struct RowList {
  LabelId label = 0;
  std::vector<std::uint32_t> rows;  // ascending
};

class Eclat {
 public:
  explicit Eclat(const FrequentSetOptions& options) : options_(options) {}

  void extend(const LabelSet& prefix, const std::vector<RowList>& lists) {
    for (auto list = lists.begin(); list != lists.end(); ++list) {
      LabelSet labels = prefix;
      labels.insert(list->label);
      if (labels.size() >= options_.min_size) report(labels, list->rows.size());
      if (labels.size() == options_.max_size) continue;
      std::vector<RowList> longer;
      for (auto other = list + 1; other != lists.end(); ++other) {
        RowList both{other->label, {}};
        std::set_intersection(list->rows.begin(), list->rows.end(), other->rows.begin(),
                              other->rows.end(), std::back_inserter(both.rows));
        if (both.rows.size() >= options_.min_support) longer.push_back(std::move(both));
      }
      extend(labels, longer);
    }
  }

  std::vector<FrequentSet> take() { return std::move(found_); }

 private:
  void report(const LabelSet& labels, std::size_t count) {
    if (found_.size() == options_.limit) {
      throw std::length_error(
          fmt::format("there are more than {} frequent label sets", options_.limit));
    }
    found_.push_back({labels, count});
  }

  const FrequentSetOptions& options_;
  std::vector<FrequentSet> found_;
};

void check(const FrequentSetOptions& options) {
  if (options.min_support == 0) {
    throw std::invalid_argument("frequent_label_sets: min_support must be at least 1, got 0");
  }
  if (options.min_size == 0 || options.max_size < options.min_size) {
    throw std::invalid_argument(
        fmt::format("frequent_label_sets: sizes must run from at least 1 upwards, got {} to {}",
                    options.min_size, options.max_size));
  }
}

}  // namespace

std::vector<FrequentSet> frequent_label_sets(std::span<const LabelSet> sets,
                                             const FrequentSetOptions& options) {
  check(options);
  std::vector<RowList> lists;
  for (std::size_t row = 0; row < sets.size(); ++row) {
    for (const LabelId label : sets[row]) {
      for (std::size_t next = lists.size(); next <= label; ++next) {
        lists.push_back({static_cast<LabelId>(next), {}});
      }
      lists[label].rows.push_back(static_cast<std::uint32_t>(row));
    }
  }
  std::erase_if(lists, [&](const RowList& list) { return list.rows.size() < options.min_support; });
  Eclat eclat(options);
  eclat.extend({}, lists);
  std::vector<FrequentSet> found = eclat.take();
  std::sort(found.begin(), found.end(), [](const FrequentSet& a, const FrequentSet& b) {
    return a.count != b.count ? a.count > b.count : a.labels < b.labels;
  });
  return found;
}

}  // namespace labelbeam
