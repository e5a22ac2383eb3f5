#include <labelbeam/eval/dependence.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace labelbeam::eval {
namespace {

constexpr unsigned kLabelBits = 32;

/// p log(p / q); 0 where p is 0.
double information(double p, double q) { return p > 0.0 ? p * std::log(p / q) : 0.0; }

/// From P(both), P(first) and P(second), the last two within (0, 1).
double mutual_information(double both, double first, double second) {
  const double only_first = std::max(0.0, first - both);
  const double only_second = std::max(0.0, second - both);
  const double neither = std::max(0.0, 1.0 - first - second + both);
  const double sum = information(both, first * second) +
                     information(only_first, first * (1.0 - second)) +
                     information(only_second, (1.0 - first) * second) +
                     information(neither, (1.0 - first) * (1.0 - second));
  return std::max(0.0, sum);
}

}  // namespace

std::vector<PairInformation> pair_information(const SetDistribution& distribution) {
  std::vector<LabelId> labels;
  double total = 0.0;
  for (const ScoredSet& set : distribution.sets) {
    labels.insert(labels.end(), set.labels.begin(), set.labels.end());
    total += set.weight;
  }
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  const std::size_t count = labels.size();
  std::vector<double> both(count * count);  // P(i and j), the diagonal P(i)
  std::vector<std::size_t> places;
  for (const ScoredSet& set : distribution.sets) {
    places.clear();
    for (const LabelId label : set.labels) {
      const auto at = std::lower_bound(labels.begin(), labels.end(), label);
      places.push_back(static_cast<std::size_t>(at - labels.begin()));
    }
    for (std::size_t a = 0; a < places.size(); ++a) {
      for (std::size_t b = a; b < places.size(); ++b) {
        both[places[a] * count + places[b]] += set.weight / total;
      }
    }
  }
  // A label of all sets has probability 1 but for rounding.
  const auto is_open = [&](std::size_t i) { return both[i * count + i] < 1.0 - 1e-12; };
  std::vector<PairInformation> pairs;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_open(i)) continue;
    for (std::size_t j = i + 1; j < count; ++j) {
      if (!is_open(j)) continue;
      const double first = both[i * count + i];
      const double second = both[j * count + j];
      const double joint = both[i * count + j];
      pairs.push_back(
          {labels[i], labels[j], mutual_information(joint, first, second), joint - first * second});
    }
  }
  return pairs;
}

void DependenceAccumulator::Nll::add(const RowSetNll& row) {
  ++rows;
  joint += row.joint;
  product += row.product;
  if (!row.baseline) return;
  ++baseline_rows;
  baseline += *row.baseline;
}

IndependenceGain DependenceAccumulator::Nll::mean() const {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (rows == 0) return {0, kNone, kNone, std::nullopt};
  const auto count = static_cast<double>(rows);
  IndependenceGain gain{rows, joint / count, product / count, std::nullopt};
  if (baseline_rows == rows) gain.baseline = baseline / count;
  return gain;
}

void DependenceAccumulator::add(const SetDistribution& distribution) {
  ++num_distributions_;
  found_mass_ += found_mass(distribution.sets);
  for (const PairInformation& pair : pair_information(distribution)) {
    pair_information_ += pair.mutual_information;
    Pair& of_all = pairs_[(std::uint64_t{pair.first} << kLabelBits) | pair.second];
    of_all.mutual_information += pair.mutual_information;
    of_all.covariance += pair.covariance;
  }
}

void DependenceAccumulator::add(const RowSetNll& row) {
  all_.add(row);
  (row.seen ? seen_ : unseen_).add(row);
  if (row.clipped) ++clipped_;
}

DependenceSummary DependenceAccumulator::summary(const LabelVocab& labels,
                                                 std::size_t num_pairs) const {
  DependenceSummary summary;
  const double documents = static_cast<double>(std::max<std::uint64_t>(num_distributions_, 1));
  summary.pair_information = pair_information_ / documents;
  summary.found_mass = found_mass_ / documents;
  std::vector<std::tuple<double, std::uint64_t, double>> strongest;  // strongest first
  for (const auto& [key, pair] : pairs_) {
    strongest.emplace_back(-pair.mutual_information, key, pair.covariance);
  }
  std::sort(strongest.begin(), strongest.end());
  if (strongest.size() > num_pairs) strongest.resize(num_pairs);
  for (const auto& [information, key, covariance] : strongest) {
    const auto first = static_cast<LabelId>(key >> kLabelBits);
    const auto second = static_cast<LabelId>(key);
    summary.pairs.push_back({{labels.name(first), labels.name(second)},
                             -information / documents,
                             covariance / documents});
  }
  summary.all = all_.mean();
  summary.seen = seen_.mean();
  summary.unseen = unseen_.mean();
  summary.clipped = clipped_;
  return summary;
}

}  // namespace labelbeam::eval
