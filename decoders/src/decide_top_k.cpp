#include <fmt/format.h>
#include <labelbeam/decoders/decision.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace labelbeam::decoders {
namespace {

void check_k(const char* rule, std::size_t k) {
  if (k < 1) throw std::invalid_argument(fmt::format("{}: k must be at least 1, got 0", rule));
}

double discount(std::size_t rank) { return 1.0 / std::log2(static_cast<double>(rank + 1)); }

/// All labels, of which the first min(k + 1, L) are those of largest gain, best first.
std::vector<LabelId> order_by_gain(std::span<const double> gains, std::size_t k) {
  std::vector<LabelId> order(gains.size());
  std::iota(order.begin(), order.end(), LabelId{0});
  const auto last = order.begin() + static_cast<std::ptrdiff_t>(std::min(k + 1, order.size()));
  std::partial_sort(order.begin(), last, order.end(), [&](LabelId a, LabelId b) {
    return gains[a] != gains[b] ? gains[a] > gains[b] : a < b;
  });
  return order;
}

RankedDecision take(const std::vector<LabelId>& order, std::size_t k) {
  RankedDecision decision;
  const std::size_t size = std::min(k, order.size());
  decision.ranking.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(size));
  decision.labels = LabelSet(decision.ranking);
  return decision;
}

/// The k labels of largest gain: [L]. Utility: the sum of their gains.
RankedDecision take_best(std::span<const double> gains, std::size_t k,
                         const std::vector<LabelId>& order) {
  RankedDecision decision = take(order, k);
  for (LabelId label : decision.ranking) decision.expected_utility += gains[label];
  decision.margin =
      k < order.size() ? gains[order[k - 1]] - gains[order[k]] : decision.expected_utility;
  return decision;
}

/// [L], the sum over s of P(i in Y, |Y| = s) / scale[s - 1].
std::vector<double> scaled_sums(const SizeMarginals& marginals, std::span<const double> scale) {
  std::vector<double> gains(marginals.num_labels);
  for (std::size_t i = 0; i < marginals.labels.size(); ++i) {
    const std::span<const double> row = marginals.row(i);
    for (std::size_t s = 0; s < row.size(); ++s) gains[marginals.labels[i]] += row[s] / scale[s];
  }
  return gains;
}

bool is_certified(const Decision& decision, const SizeMarginals& marginals) {
  const bool is_only_answer = decision.labels.size() == marginals.num_labels;
  return decision.margin >= marginals.unseen || (is_only_answer && std::isfinite(marginals.unseen));
}

}  // namespace

RankedDecision decide_precision_at(const SetDistribution& distribution, std::size_t k) {
  check_k("decide_precision_at", k);
  const std::vector<Marginal>& marginals = distribution.marginals;
  if (marginals.empty()) return {};
  std::vector<double> estimates;
  for (const Marginal& marginal : marginals) estimates.push_back(marginal.estimate);
  const std::vector<LabelId> order = order_by_gain(estimates, k);
  RankedDecision decision = take_best(estimates, k, order);
  decision.expected_utility /= static_cast<double>(k);
  decision.margin /= static_cast<double>(k);
  double least = std::numeric_limits<double>::infinity();
  for (LabelId label : decision.ranking) least = std::min(least, marginals[label].lower);
  decision.certified =
      std::all_of(order.begin() + static_cast<std::ptrdiff_t>(decision.ranking.size()), order.end(),
                  [&](LabelId label) { return marginals[label].upper <= least; });
  return decision;
}

RankedDecision decide_recall_at(const SizeMarginals& marginals, std::size_t k) {
  check_k("decide_recall_at", k);
  std::vector<double> sizes(marginals.max_size);
  std::iota(sizes.begin(), sizes.end(), 1.0);
  const std::vector<double> gains = scaled_sums(marginals, sizes);
  RankedDecision decision = take_best(gains, k, order_by_gain(gains, k));
  decision.certified = is_certified(decision, marginals);
  return decision;
}

RankedDecision decide_recall_at(const SetDistribution& distribution, std::size_t k) {
  check_k("decide_recall_at", k);
  if (distribution.sets.empty()) return {};
  return decide_recall_at(size_marginals(distribution), k);
}

RankedDecision decide_ndcg_at(const SizeMarginals& marginals, std::size_t k) {
  check_k("decide_ndcg_at", k);
  std::vector<double> ideal(marginals.max_size);  // IDCG_k by size
  double sum = 0.0;
  for (std::size_t s = 1; s <= ideal.size(); ++s) {
    if (s <= k) sum += discount(s);
    ideal[s - 1] = sum;
  }
  const std::vector<double> gains = scaled_sums(marginals, ideal);
  const std::vector<LabelId> order = order_by_gain(gains, k);
  RankedDecision decision = take(order, k);
  const std::size_t size = decision.ranking.size();
  double least_loss = std::numeric_limits<double>::infinity();
  for (std::size_t rank = 1; rank <= size; ++rank) {
    const double gain = gains[order[rank - 1]];
    decision.expected_utility += gain * discount(rank);
    // Any other ranking is sorted into this one by swaps of neighbours, none of which costs.
    if (rank == order.size()) continue;
    const double next_discount = rank < k ? discount(rank + 1) : 0.0;
    least_loss =
        std::min(least_loss, (gain - gains[order[rank]]) * (discount(rank) - next_discount));
  }
  decision.margin = std::isfinite(least_loss) ? least_loss : decision.expected_utility;
  decision.certified =
      order.size() == 1 ? std::isfinite(marginals.unseen) : decision.margin >= marginals.unseen;
  return decision;
}

RankedDecision decide_ndcg_at(const SetDistribution& distribution, std::size_t k) {
  check_k("decide_ndcg_at", k);
  if (distribution.sets.empty()) return {};
  return decide_ndcg_at(size_marginals(distribution), k);
}

}  // namespace labelbeam::decoders
