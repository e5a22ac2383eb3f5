#include <fmt/format.h>
#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/set_probability.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "check_options.h"
#include "log_math.h"
#include "masked_row.h"
#include "positions.h"
#include "step_documents.h"
#include "top_children.h"

namespace labelbeam::decoders {
namespace {

constexpr const char* kSetProbabilityEstimator = "SetProbabilityEstimator";

struct SetProbabilityWorkspace {
  explicit SetProbabilityWorkspace(const SetSemantics& semantics)
      : row(semantics, nullptr, kSetProbabilityEstimator) {}

  MaskedRow row;
  std::vector<LabelId> emitted;
  std::vector<double> weights;        // [rows, n] of the labels that may be drawn
  std::vector<double> log_masses;     // [rows]
  std::vector<std::uint32_t> row_of;  // [rows, n] of the children of the next step
  std::vector<float> logits;
};

/// The live prefixes inside one set, and those they came from.
class PrefixesInside {
 public:
  PrefixesInside(const SetSemantics& semantics, const LabelSet& set)
      : semantics_(semantics), labels_(semantics.order.sequence(set)), live_{{0.0, 0, 0, 0}} {}

  std::size_t set_size() const { return labels_.size(); }
  bool is_complete() const { return depth_ == labels_.size(); }
  const std::vector<Child>& live() const { return live_; }
  /// The labels that may come next are among these; what is emitted has a score of -inf.
  std::span<const LabelId> candidates() const {
    const bool fixed = semantics_.order.is_fixed();
    return fixed ? std::span(labels_).subspan(depth_, 1) : std::span(labels_);
  }
  LabelId position(LabelId label) const { return position_of(semantics_, label); }

  /// Loads the masked softmax after a live prefix. Once a step, by rising index.
  void load(std::size_t index, std::span<const float> logits, std::size_t document,
            SetProbabilityWorkspace& workspace) {
    const Child& prefix = live_[index];
    workspace.emitted.clear();
    if (depth_ > 0) {
      const std::size_t parent = first_of_last_step_ + prefix.parent;
      workspace.emitted.push_back(prefix.position);
      for (std::size_t node = parent; node != 0; node = nodes_[node].parent) {
        workspace.emitted.push_back(nodes_[node].position);
      }
      nodes_.push_back({parent, prefix.position});
    } else {
      nodes_.push_back({0, 0});
    }
    const std::size_t num_tokens = semantics_.num_tokens();
    workspace.row.load(logits.subspan(index * num_tokens, num_tokens), workspace.emitted, document);
  }

  /// Goes on to prefixes of one label more, of which `parent` is an index into the last ones.
  void advance(std::vector<Child>& children) {
    first_of_last_step_ = nodes_.size() - live_.size();
    ++depth_;
    live_.swap(children);
  }
  void stop() { live_.clear(); }

 private:
  struct Node {
    std::size_t parent;
    LabelId position;
  };

  const SetSemantics& semantics_;
  std::vector<LabelId> labels_;
  std::vector<Child> live_;
  std::vector<Node> nodes_;  // the root is the first
  std::size_t first_of_last_step_ = 0;
  std::size_t depth_ = 0;
};

/// Sums the orders of a set.
class OrdersDocument {
 public:
  /// `beam_size` 0: all orders.
  OrdersDocument(const SetSemantics& semantics, const LabelSet& set, std::size_t beam_size)
      : prefixes_(semantics, set), beam_size_(beam_size) {}

  const std::vector<Child>& live() const { return prefixes_.live(); }

  void step(std::span<const float> logits, std::size_t document,
            SetProbabilityWorkspace& workspace) {
    const MaskedRow& row = workspace.row;
    std::vector<Child> children;
    for (std::size_t i = 0; i < live().size(); ++i) {
      prefixes_.load(i, logits, document, workspace);
      const double base = live()[i].log_prob - row.log_normaliser();
      if (prefixes_.is_complete()) {
        found_ = log_add(found_, base + row.end_score());
        continue;
      }
      for (LabelId label : prefixes_.candidates()) {
        const LabelId position = prefixes_.position(label);
        const double log_prob = base + row.scores()[position];
        if (log_prob == kMinusInfinity) continue;
        children.push_back({log_prob, static_cast<std::uint32_t>(i), position, label});
      }
    }
    if (beam_size_ > 0 && children.size() > beam_size_) prune(children);
    prefixes_.advance(children);
  }

  SetProbability result() const {
    const double lower = std::min(0.0, found_);  // sums may round above 1
    const double upper = std::min(0.0, log_add(found_, pruned_));
    return {lower, upper, lower, 0.0, 0.0, pruned_ == kMinusInfinity};
  }

 private:
  void prune(std::vector<Child>& children) {
    const auto first_pruned = children.begin() + static_cast<std::ptrdiff_t>(beam_size_);
    std::nth_element(children.begin(), first_pruned, children.end(), better);
    for (auto child = first_pruned; child != children.end(); ++child) {
      pruned_ = log_add(pruned_, child->log_prob);
    }
    children.erase(first_pruned, children.end());
    std::sort(children.begin(), children.end(), better);
  }

  PrefixesInside prefixes_;
  std::size_t beam_size_;
  double found_ = kMinusInfinity;
  double pruned_ = kMinusInfinity;
};

/// Draws orders of a set; samples with a common prefix share its row.
class SampledDocument {
 public:
  SampledDocument(const SetSemantics& semantics, const LabelSet& set, std::uint64_t key,
                  std::size_t num_samples, std::uint64_t seed)
      : prefixes_(semantics, set) {
    constexpr std::uint64_t kStream = 0x736574;
    for (std::size_t i = 0; i < num_samples; ++i) {
      samples_.push_back({CounterRng(seed, {kStream, key, i}), 0.0, 0});
    }
  }

  const std::vector<Child>& live() const { return prefixes_.live(); }

  void step(std::span<const float> logits, std::size_t document,
            SetProbabilityWorkspace& workspace) {
    if (samples_.empty()) {
      prefixes_.stop();
      return;
    }
    const std::size_t width = prefixes_.set_size();
    workspace.weights.resize(live().size() * width);
    workspace.log_masses.resize(live().size());
    for (std::size_t i = 0; i < live().size(); ++i) {
      prefixes_.load(i, logits, document, workspace);
      const std::span<double> weights = std::span(workspace.weights).subspan(i * width, width);
      workspace.log_masses[i] = prefixes_.is_complete()
                                    ? workspace.row.end_score() - workspace.row.log_normaliser()
                                    : restrict_to_set(workspace.row, weights);
    }
    for (Sample& sample : samples_) sample.log_weight += workspace.log_masses[sample.row];
    std::vector<Child> children;
    if (!prefixes_.is_complete()) draw(workspace, children);
    prefixes_.advance(children);
  }

  /// Sets the estimate and what is known of its error.
  void report(SetProbability& probability) const {
    double largest = kMinusInfinity;
    for (const Sample& sample : samples_) largest = std::max(largest, sample.log_weight);
    probability.log_estimate = largest;
    if (largest == kMinusInfinity) return;
    double sum = 0.0;
    double squares = 0.0;
    for (const Sample& sample : samples_) {
      const double weight = std::exp(sample.log_weight - largest);
      sum += weight;
      squares += weight * weight;
    }
    const auto n = static_cast<double>(samples_.size());
    const double mean = sum / n;
    double deviations = 0.0;
    for (const Sample& sample : samples_) {
      const double deviation = std::exp(sample.log_weight - largest) - mean;
      deviations += deviation * deviation;
    }
    probability.log_estimate = largest + std::log(mean);
    probability.std_error = std::sqrt(deviations / (n * (n - 1.0))) / mean;
    probability.effective_samples = sum * sum / squares;
  }

 private:
  struct Sample {
    CounterRng random;
    double log_weight;
    std::uint32_t row;
  };

  /// The log probability of the labels that may be drawn; `weights`: [n], proportional to theirs.
  double restrict_to_set(const MaskedRow& row, std::span<double> weights) const {
    const std::span<const LabelId> labels = prefixes_.candidates();
    double largest = kMinusInfinity;
    for (LabelId label : labels) largest = std::max(largest, row.scores()[label]);
    if (largest == kMinusInfinity) return kMinusInfinity;
    double sum = 0.0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      weights[i] = std::exp(row.scores()[labels[i]] - largest);
      sum += weights[i];
    }
    return largest + std::log(sum) - row.log_normaliser();
  }

  void draw(SetProbabilityWorkspace& workspace, std::vector<Child>& children) {
    constexpr std::uint32_t kNoRow = std::numeric_limits<std::uint32_t>::max();
    const std::span<const LabelId> labels = prefixes_.candidates();
    workspace.row_of.assign(workspace.weights.size(), kNoRow);
    for (Sample& sample : samples_) {
      if (sample.log_weight == kMinusInfinity) {
        sample.row = 0;  // any: the weight stays as it is
        continue;
      }
      const std::size_t first = sample.row * labels.size();
      const std::size_t drawn = sample.random.categorical(
          std::span<const double>(workspace.weights).subspan(first, labels.size()));
      std::uint32_t& row = workspace.row_of[first + drawn];
      if (row == kNoRow) {
        row = static_cast<std::uint32_t>(children.size());
        children.push_back({0.0, sample.row, labels[drawn], labels[drawn]});
      }
      sample.row = row;
    }
  }

  PrefixesInside prefixes_;
  std::vector<Sample> samples_;
};

void check_arguments(const SetSemantics& semantics, std::size_t num_documents,
                     std::span<const LabelSet> sets, std::size_t num_keys) {
  if (sets.size() != num_documents || (num_keys != 0 && num_keys != num_documents)) {
    throw std::invalid_argument(
        fmt::format("SetProbabilityEstimator: {} documents need as many sets and keys, got {} sets "
                    "and {} keys",
                    num_documents, sets.size(), num_keys));
  }
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].empty() || sets[i].ids().back() < semantics.num_labels) continue;
    throw std::invalid_argument(
        fmt::format("SetProbabilityEstimator: document {}: there are {} labels, got label {}", i,
                    semantics.num_labels, sets[i].ids().back()));
  }
}

}  // namespace

SetProbabilityEstimator::SetProbabilityEstimator(const SetProbabilityOptions& options)
    : options_(options) {
  if (options_.max_exact_size > kMaxExactSetSize) {
    throw std::invalid_argument(
        fmt::format("SetProbabilityEstimator: max_exact_size must be at most {}, got {}",
                    kMaxExactSetSize, options_.max_exact_size));
  }
  check_between(kSetProbabilityEstimator, "beam_size", options_.beam_size, 1, kMaxBeamSize);
  check_samples(kSetProbabilityEstimator, "num_samples", options_.num_samples, kMaxBeamSize);
}

std::vector<SetProbability> SetProbabilityEstimator::estimate(
    StepModel& model, std::span<const LabelSet> sets,
    std::span<const std::uint64_t> document_keys) const {
  const SetSemantics& semantics = model.semantics();
  check(semantics);
  check_arguments(semantics, model.num_documents(), sets, document_keys.size());
  SetProbabilityWorkspace workspace(semantics);
  std::vector<OrdersDocument> summed;
  for (const LabelSet& set : sets) {
    summed.emplace_back(semantics, set,
                        set.size() <= options_.max_exact_size ? 0 : options_.beam_size);
  }
  step_documents(model, summed, workspace);
  std::vector<SetProbability> results;
  for (const OrdersDocument& document : summed) results.push_back(document.result());
  const auto is_exact = [](const SetProbability& result) { return result.exact; };
  if (options_.num_samples == 0 || std::all_of(results.begin(), results.end(), is_exact)) {
    return results;
  }
  std::vector<SampledDocument> sampled;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    sampled.emplace_back(semantics, sets[i], document_keys.empty() ? 0 : document_keys[i],
                         results[i].exact ? 0 : options_.num_samples, options_.seed);
  }
  step_documents(model, sampled, workspace);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (!results[i].exact) sampled[i].report(results[i]);
  }
  return results;
}

}  // namespace labelbeam::decoders
