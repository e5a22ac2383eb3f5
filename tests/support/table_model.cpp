#include "table_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "mix.h"

namespace labelbeam::test_support {
namespace {

double uniform(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1.0p-53; }

}  // namespace

TableModel::TableModel(TableModelOptions options) : options_(std::move(options)) {
  check(options_.semantics);
}

void TableModel::start(std::span<StateId> roots) {
  for (std::size_t i = 0; i < roots.size(); ++i) roots[i] = new_state(i, {});
}

void TableModel::logits(std::span<const StateId> states, std::span<float> out) {
  const std::size_t num_tokens = semantics().num_tokens();
  if (out.size() != states.size() * num_tokens) throw std::logic_error("logits: wrong shape");
  for (std::size_t r = 0; r < states.size(); ++r) {
    const State& state = live_state(states[r]);
    const std::uint64_t hash = prefix_hash(state.document, state.emitted);
    for (LabelId v = 0; v < num_tokens; ++v) out[r * num_tokens + v] = logit(hash, v);
  }
  num_rows_scored_ += states.size();
  most_rows_in_a_call_ = std::max(most_rows_in_a_call_, states.size());
}

void TableModel::advance(std::span<const StateId> parents, std::span<const LabelId> labels,
                         std::span<StateId> children) {
  for (std::size_t r = 0; r < parents.size(); ++r) {
    const State& parent = live_state(parents[r]);
    std::vector<LabelId> emitted = parent.emitted;
    if (labels[r] >= semantics().num_labels) throw std::logic_error("advance: unknown label");
    if (std::find(emitted.begin(), emitted.end(), labels[r]) != emitted.end()) {
      throw std::logic_error("advance: label emitted twice");
    }
    emitted.push_back(labels[r]);
    const std::size_t document = parent.document;
    children[r] = new_state(document, std::move(emitted));
  }
}

void TableModel::release(std::span<const StateId> states) {
  for (StateId id : states) {
    live_state(id);
    states_[id].live = false;
    free_.push_back(id);
  }
}

StateId TableModel::new_state(std::size_t document, std::vector<LabelId> emitted) {
  State state{document, std::move(emitted), true};
  if (free_.empty()) {
    states_.push_back(std::move(state));
    return static_cast<StateId>(states_.size() - 1);
  }
  const StateId id = free_.back();
  free_.pop_back();
  states_[id] = std::move(state);
  return id;
}

const TableModel::State& TableModel::live_state(StateId id) const {
  if (id >= states_.size() || !states_[id].live) throw std::logic_error("no such live state");
  return states_[id];
}

std::uint64_t TableModel::prefix_hash(std::size_t document, std::vector<LabelId> emitted) const {
  if (options_.set_only) std::sort(emitted.begin(), emitted.end());
  std::uint64_t hash = mix(options_.document_keys[document]);
  for (LabelId label : emitted) hash = mix(hash ^ (label + 1));
  return hash;
}

float TableModel::logit(std::uint64_t prefix_hash, LabelId token) const {
  const std::uint64_t bits = mix(prefix_hash + 0x1000003u * (token + 1));
  if (uniform(mix(bits)) < options_.zero_share) return -std::numeric_limits<float>::infinity();
  double unit = 2.0 * uniform(bits) - 1.0;
  if (options_.ties) unit = std::round(unit);
  return static_cast<float>(unit * options_.scale);
}

TableModel::Exact TableModel::exact(std::size_t document) const {
  Exact exact;
  exact.marginals.resize(semantics().num_labels);
  std::vector<LabelId> emitted;
  enumerate(document, emitted, 1.0, exact);
  return exact;
}

void TableModel::enumerate(std::size_t document, std::vector<LabelId>& emitted, double mass,
                           Exact& exact) const {
  const SetSemantics& meaning = semantics();
  const std::vector<LabelId>& by_rank = meaning.order.by_rank();
  const auto rank_of = [&](LabelId label) {
    return std::find(by_rank.begin(), by_rank.end(), label) - by_rank.begin();
  };
  const std::uint64_t hash = prefix_hash(document, emitted);
  std::vector<std::pair<LabelId, double>> next;  // admissible tokens and their exponentials
  double sum = 0.0;
  for (LabelId v = 0; v <= meaning.num_labels; ++v) {
    const bool is_end = v == meaning.num_labels;
    if (is_end && emitted.empty() && meaning.empty_set == EmptySet::forbid) continue;
    if (std::find(emitted.begin(), emitted.end(), v) != emitted.end()) continue;
    if (!is_end && !by_rank.empty() && !emitted.empty() && rank_of(v) < rank_of(emitted.back())) {
      continue;
    }
    next.emplace_back(v, std::exp(static_cast<double>(logit(hash, v))));
    sum += next.back().second;
  }
  if (sum == 0.0) {
    exact.lost += mass;
    return;
  }
  for (const auto& [token, weight] : next) {
    const double child_mass = mass * weight / sum;
    if (child_mass == 0.0) continue;
    if (token == meaning.num_labels) {
      const LabelSet set(emitted);
      exact.sets[set] += child_mass;
      continue;
    }
    exact.marginals[token] += child_mass;
    emitted.push_back(token);
    enumerate(document, emitted, child_mass, exact);
    emitted.pop_back();
  }
}

}  // namespace labelbeam::test_support
