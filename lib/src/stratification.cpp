#include "stratification.h"

#include <labelbeam/random.h>
#include <labelbeam/stable_hash.h>

#include <algorithm>
#include <boost/heap/d_ary_heap.hpp>
#include <numeric>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "label_combinations.h"

namespace labelbeam {
namespace {

/// What is shared out as a whole: a row, or the rows of a group.
struct Unit {
  std::uint64_t hash = 0;
  std::string_view key;
  std::vector<std::size_t> rows;
};

/// Large units first, as in bin packing: what small ones cannot even out, large ones must not
/// upset. Units of one size come in an order that the seed shuffles and the order of rows does not
/// touch.
std::vector<Unit> make_units(const Dataset& data, std::uint64_t seed) {
  std::vector<Unit> units;
  units.reserve(data.rows.size());
  std::unordered_map<std::string_view, std::size_t> groups;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    const Example& row = data.rows[i];
    if (!row.group.empty()) {
      const auto [group, is_new] = groups.try_emplace(row.group, units.size());
      if (!is_new) {
        units[group->second].rows.push_back(i);
        continue;
      }
    }
    units.push_back({stable_hash(split_key(row), seed), split_key(row), {i}});
  }
  std::stable_sort(units.begin(), units.end(), [&](const Unit& a, const Unit& b) {
    const auto order = [&](const Unit& unit) {
      return std::tie(unit.hash, unit.key, data.rows[unit.rows.front()].labels);
    };
    if (a.rows.size() != b.rows.size()) return a.rows.size() > b.rows.size();
    return order(a) < order(b);
  });
  return units;
}

/// What is to be balanced is an *item*: item 0 is rows, then labels, then pairs of labels. A unit
/// holds an item as often as its rows have it.
class Holdings {
 public:
  struct Held {
    std::uint32_t item = 0;
    std::uint32_t times = 0;
  };

  Holdings(const Dataset& data, std::span<const Unit> units, bool pairs) {
    CombinationIndex pair_numbers;
    const std::size_t first_pair = 1 + data.labels.size();
    const auto item_of = [&](Combination met) {
      return is_label(met) ? 1 + first_label(met)
                           : static_cast<std::uint32_t>(first_pair) + pair_numbers.number_of(met);
    };
    starts_.push_back(0);
    std::vector<Combination> met;
    for (const Unit& unit : units) {
      met.clear();
      for (const std::size_t i : unit.rows) {
        const Example& row = data.rows[i];
        if (!row.labelled) continue;
        for (const LabelId label : row.labels) met.push_back(combination(label, label));
        if (!pairs) continue;
        for_each_pair(row.labels, [&](LabelId a, LabelId b) { met.push_back(combination(a, b)); });
      }
      // In one order whatever that of the rows, since it decides the numbers.
      std::sort(met.begin(), met.end());
      held_.push_back({0, static_cast<std::uint32_t>(unit.rows.size())});
      for (std::size_t first = 0; first < met.size();) {
        std::size_t end = first + 1;
        while (end < met.size() && met[end] == met[first]) ++end;
        held_.push_back({item_of(met[first]), static_cast<std::uint32_t>(end - first)});
        first = end;
      }
      starts_.push_back(held_.size());
    }
    totals_.resize(first_pair + pair_numbers.size());
    for (const Held& held : held_) totals_[held.item] += held.times;
    index_holders();
  }

  std::size_t num_items() const { return totals_.size(); }
  /// How often all units together hold an item.
  std::uint64_t total(std::size_t item) const { return totals_[item]; }
  std::span<const Held> of_unit(std::size_t unit) const {
    return {held_.data() + starts_[unit], starts_[unit + 1] - starts_[unit]};
  }
  /// The units that hold an item, in their order.
  std::span<const std::uint32_t> holders(std::size_t item) const {
    return {holders_.data() + holder_starts_[item],
            holder_starts_[item + 1] - holder_starts_[item]};
  }

 private:
  void index_holders() {
    holder_starts_.assign(num_items() + 1, 0);
    for (const Held& held : held_) ++holder_starts_[held.item + 1];
    std::partial_sum(holder_starts_.begin(), holder_starts_.end(), holder_starts_.begin());
    holders_.resize(held_.size());
    std::vector<std::size_t> next(holder_starts_.begin(), holder_starts_.end() - 1);
    for (std::size_t unit = 0; unit + 1 < starts_.size(); ++unit) {
      for (const Held& held : of_unit(unit)) {
        holders_[next[held.item]++] = static_cast<std::uint32_t>(unit);
      }
    }
  }

  std::vector<Held> held_;                  ///< a unit after the other, item 0 first
  std::vector<std::size_t> starts_;         ///< [units + 1] of a unit in `held_`
  std::vector<std::uint64_t> totals_;       ///< [items]
  std::vector<std::uint32_t> holders_;      ///< units, an item after the other
  std::vector<std::size_t> holder_starts_;  ///< [items + 1] of an item in `holders_`
};

/// How much of each item each part lacks.
class Demand {
 public:
  Demand(const Holdings& holdings, std::span<const double> shares)
      : holdings_(holdings), shares_(shares), got_(holdings.num_items() * shares.size()) {}

  /// Computed anew, so that parts of equal shares are exactly equal where they got the same.
  double lacking(std::size_t item, std::size_t part) const {
    return shares_[part] * static_cast<double>(holdings_.total(item)) -
           static_cast<double>(got_[item * shares_.size() + part]);
  }
  void give(const Holdings::Held& held, std::size_t part) {
    got_[held.item * shares_.size() + part] += held.times;
  }

 private:
  const Holdings& holdings_;
  std::span<const double> shares_;
  std::vector<std::uint32_t> got_;  ///< [items, parts]
};

/// An item in the queue: the one that is left least often comes first; of several pairs before
/// labels, and rows behind all others.
struct Waiting {
  std::uint64_t left = 0;
  std::uint32_t item = 0;

  bool operator<(const Waiting& other) const {
    return left != other.left ? left > other.left : item < other.item;
  }
};

using Queue = boost::heap::d_ary_heap<Waiting, boost::heap::arity<4>, boost::heap::mutable_<true>>;

class Stratification {
 public:
  Stratification(const Holdings& holdings, std::size_t num_units, std::span<const double> shares,
                 std::uint64_t seed)
      : holdings_(holdings),
        demand_(holdings, shares),
        num_parts_(shares.size()),
        parts_(num_units, kNone),
        left_(holdings.num_items()),
        random_(seed, {stable_hash("stratification")}) {
    for (std::uint32_t item = 0; item < left_.size(); ++item) {
      left_[item] = holdings.total(item);
      places_.push_back(queue_.push({left_[item], item}));
    }
  }

  std::vector<std::size_t> run() {
    while (!queue_.empty()) {
      const std::size_t item = queue_.top().item;
      queue_.pop();
      changed_.clear();
      for (const std::uint32_t unit : holdings_.holders(item)) {
        if (parts_[unit] == kNone) assign(unit, neediest(item));
      }
      // What is left of an item moves it once for all units of this one. Items that are gone from
      // the queue have no unit left to change them.
      for (const std::uint32_t other : changed_) {
        if (other == item || (*places_[other]).left == left_[other]) continue;
        queue_.increase(places_[other], {left_[other], other});
      }
    }
    return std::move(parts_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// While a unit is left some part lacks some of its items, so that one without a share, which
  /// lacks none, is never the neediest.
  std::size_t neediest(std::size_t item) {
    constexpr std::size_t kRows = 0;
    tied_.clear();
    double most = 0.0;
    double most_rows = 0.0;
    for (std::size_t part = 0; part < num_parts_; ++part) {
      const double lacking = demand_.lacking(item, part);
      const double rows = demand_.lacking(kRows, part);
      const bool is_first = tied_.empty();
      if (is_first || lacking > most || (lacking == most && rows > most_rows)) {
        tied_.assign(1, part);
        most = lacking;
        most_rows = rows;
      } else if (lacking == most && rows == most_rows) {
        tied_.push_back(part);
      }
    }
    return tied_.size() == 1 ? tied_.front() : tied_[random_.below(tied_.size())];
  }

  void assign(std::size_t unit, std::size_t part) {
    parts_[unit] = part;
    for (const Holdings::Held& held : holdings_.of_unit(unit)) {
      demand_.give(held, part);
      left_[held.item] -= held.times;
      changed_.push_back(held.item);
    }
  }

  const Holdings& holdings_;
  Demand demand_;
  std::size_t num_parts_;
  std::vector<std::size_t> parts_;   ///< [units]
  std::vector<std::uint64_t> left_;  ///< [items] in units without a part
  Queue queue_;
  std::vector<Queue::handle_type> places_;  ///< [items]
  std::vector<std::uint32_t> changed_;
  std::vector<std::size_t> tied_;
  CounterRng random_;
};

}  // namespace

std::vector<std::size_t> stratify(const Dataset& data, std::span<const double> shares, bool pairs,
                                  std::uint64_t seed) {
  const std::vector<Unit> units = make_units(data, seed);
  const Holdings holdings(data, units, pairs);
  const std::vector<std::size_t> part_of_unit =
      Stratification(holdings, units.size(), shares, seed).run();
  std::vector<std::size_t> parts(data.rows.size());
  for (std::size_t unit = 0; unit < units.size(); ++unit) {
    for (const std::size_t row : units[unit].rows) parts[row] = part_of_unit[unit];
  }
  return parts;
}

}  // namespace labelbeam
