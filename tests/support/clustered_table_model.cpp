#include "clustered_table_model.h"

#include <algorithm>
#include <cmath>

#include "mix.h"

namespace labelbeam::test_support {
namespace {

double unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1.0p-52 - 1.0; }

}  // namespace

ClusteredTableModel::ClusteredTableModel(ClusteredTableOptions options)
    : options_(std::move(options)), clusters_(options_.cluster_of) {
  check(options_.semantics);
}

void ClusteredTableModel::start(std::span<StateId> roots) {
  for (std::size_t i = 0; i < roots.size(); ++i) {
    roots[i] = static_cast<StateId>(prefixes_.size());
    prefixes_.push_back(mix(options_.document_keys[i]));
  }
  num_live_ += roots.size();
}

void ClusteredTableModel::advance(std::span<const StateId> parents, std::span<const LabelId> labels,
                                  std::span<StateId> children) {
  for (std::size_t r = 0; r < parents.size(); ++r) {
    children[r] = static_cast<StateId>(prefixes_.size());
    prefixes_.push_back(mix(prefixes_[parents[r]] ^ (labels[r] + 1)));
  }
  num_live_ += parents.size();
}

void ClusteredTableModel::cluster_logits(std::span<const StateId> states, std::span<float> out) {
  const auto num_clusters = static_cast<std::uint32_t>(clusters_.num_clusters());
  for (std::size_t r = 0; r < states.size(); ++r) {
    for (std::uint32_t c = 0; c <= num_clusters; ++c) {
      out[r * (num_clusters + 1) + c] = static_cast<float>(cluster_logit(prefixes_[states[r]], c));
    }
  }
  num_rows_scored_ += states.size();
}

void ClusteredTableModel::logits_within(std::uint32_t cluster, std::span<const StateId> states,
                                        std::span<float> out) {
  const std::span<const LabelId> members = clusters_.members(cluster);
  for (std::size_t r = 0; r < states.size(); ++r) {
    for (std::size_t m = 0; m < members.size(); ++m) {
      out[r * members.size() + m] =
          static_cast<float>(logit_within(prefixes_[states[r]], members[m]));
    }
  }
  num_labels_scored_ += states.size() * members.size();
}

double ClusteredTableModel::cluster_logit(std::uint64_t prefix, std::uint32_t cluster) const {
  const double end = cluster == clusters_.num_clusters() ? options_.end_logit : 0.0;
  return static_cast<float>(options_.scale * unit(mix(prefix + 0x1000003u * (cluster + 1))) + end);
}

double ClusteredTableModel::logit_within(std::uint64_t prefix, LabelId label) const {
  return static_cast<float>(options_.scale * unit(mix(~prefix + 0x1000003u * (label + 1))));
}

std::map<LabelSet, double> ClusteredTableModel::exact(std::size_t document) const {
  std::map<LabelSet, double> sets;
  std::vector<LabelId> emitted;
  enumerate(mix(options_.document_keys[document]), emitted, 1.0, sets);
  return sets;
}

void ClusteredTableModel::enumerate(std::uint64_t prefix, std::vector<LabelId>& emitted,
                                    double mass, std::map<LabelSet, double>& sets) const {
  const SetSemantics& meaning = options_.semantics;
  const auto is_admissible = [&](LabelId label) {
    if (emitted.empty()) return true;
    if (meaning.order.is_fixed())
      return meaning.order.rank(label) > meaning.order.rank(emitted.back());
    return std::find(emitted.begin(), emitted.end(), label) == emitted.end();
  };
  std::vector<std::pair<LabelId, double>> next;
  double sum = 0.0;
  for (std::uint32_t c = 0; c < clusters_.num_clusters(); ++c) {
    double all = 0.0;
    for (LabelId label : clusters_.members(c)) all += std::exp(logit_within(prefix, label));
    for (LabelId label : clusters_.members(c)) {
      if (!is_admissible(label)) continue;
      next.emplace_back(
          label, std::exp(cluster_logit(prefix, c)) * std::exp(logit_within(prefix, label)) / all);
      sum += next.back().second;
    }
  }
  if (!emitted.empty() || meaning.empty_set != EmptySet::forbid) {
    const auto end = static_cast<std::uint32_t>(clusters_.num_clusters());
    next.emplace_back(meaning.end(), std::exp(cluster_logit(prefix, end)));
    sum += next.back().second;
  }
  for (const auto& [token, weight] : next) {
    if (token == meaning.end()) {
      sets[LabelSet(emitted)] += mass * weight / sum;
      continue;
    }
    emitted.push_back(token);
    enumerate(mix(prefix ^ (token + 1)), emitted, mass * weight / sum, sets);
    emitted.pop_back();
  }
}

}  // namespace labelbeam::test_support
