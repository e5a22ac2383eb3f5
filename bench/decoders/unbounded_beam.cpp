#include "unbounded_beam.h"

#include <algorithm>
#include <span>
#include <unordered_map>

#include "log_math.h"
#include "masked_row.h"
#include "positions.h"
#include "step_documents.h"
#include "top_children.h"

namespace labelbeam::decoders::bench {
namespace {

struct Workspace {
  explicit Workspace(const SetSemantics& semantics)
      : row(semantics, nullptr, "unbounded_beam"), children(semantics) {}

  MaskedRow row;
  TopChildren children;
  std::vector<LabelId> emitted;
  std::vector<float> logits;
};

class Document {
 public:
  Document(const SetSemantics& semantics, std::size_t beam_size)
      : semantics_(semantics), beam_size_(beam_size) {}

  const std::vector<Child>& live() const { return live_; }

  void step(std::span<const float> logits, std::size_t document, Workspace& workspace) {
    const std::size_t num_tokens = semantics_.num_tokens();
    const std::size_t first_of_step = nodes_.size();
    workspace.children.reset(beam_size_);
    for (std::size_t i = 0; i < live_.size(); ++i) {
      const Child& prefix = live_[i];
      nodes_.push_back({first_of_last_step_ + prefix.parent, prefix.position});
      workspace.emitted.clear();
      if (depth_ > 0) read_emitted(workspace);
      workspace.row.load(logits.subspan(i * num_tokens, num_tokens), workspace.emitted, document);
      finish(workspace,
             prefix.log_prob - workspace.row.log_normaliser() + workspace.row.end_score());
      workspace.children.add_row(workspace.row, prefix.log_prob, static_cast<std::uint32_t>(i));
    }
    first_of_last_step_ = first_of_step;
    live_.clear();
    if (depth_++ < semantics_.max_size) live_ = workspace.children.sorted();
  }

  Found found() {
    if (!semantics_.order.is_fixed()) {
      for (const auto& [labels, log_prob] : sums_) finished_.push_back({0, log_prob, labels});
    }
    const std::size_t n = std::min(beam_size_, finished_.size());
    std::partial_sort(finished_.begin(), finished_.begin() + static_cast<std::ptrdiff_t>(n),
                      finished_.end(),
                      [](const Finished& a, const Finished& b) { return a.log_prob > b.log_prob; });
    Found result{{}, nodes_.size()};
    for (std::size_t i = 0; i < n; ++i) {
      const Finished& finished = finished_[i];
      LabelSet labels = finished.labels;
      for (std::size_t node = finished.node; node != 0; node = nodes_[node].parent) {
        labels.insert(label_at(semantics_, nodes_[node].position));
      }
      result.sets.push_back({std::move(labels), finished.log_prob});
    }
    return result;
  }

 private:
  struct Node {
    std::size_t parent;
    LabelId position;
  };
  struct Finished {
    std::size_t node;
    double log_prob;
    LabelSet labels;  // of a sum
  };

  /// The positions of the last node; under a fixed order the last of them is enough.
  void read_emitted(Workspace& workspace) const {
    workspace.emitted.push_back(nodes_.back().position);
    if (semantics_.order.is_fixed()) return;
    for (std::size_t node = nodes_.back().parent; node != 0; node = nodes_[node].parent) {
      workspace.emitted.push_back(nodes_[node].position);
    }
  }

  void finish(const Workspace& workspace, double log_prob) {
    if (semantics_.order.is_fixed()) {
      finished_.push_back({nodes_.size() - 1, log_prob, {}});
      return;
    }
    const auto [at, is_new] = sums_.try_emplace(LabelSet(workspace.emitted), log_prob);
    if (!is_new) at->second = log_add(at->second, log_prob);
  }

  const SetSemantics& semantics_;
  std::size_t beam_size_;
  std::vector<Child> live_ = {{0.0, 0, 0, 0}};
  std::vector<Node> nodes_;
  std::vector<Finished> finished_;
  std::unordered_map<LabelSet, double> sums_;  // free order
  std::size_t first_of_last_step_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

std::vector<Found> unbounded_beam(StepModel& model, std::size_t beam_size) {
  std::vector<Document> documents(model.num_documents(), Document(model.semantics(), beam_size));
  Workspace workspace(model.semantics());
  step_documents(model, documents, workspace);
  std::vector<Found> results;
  for (Document& document : documents) results.push_back(document.found());
  return results;
}

}  // namespace labelbeam::decoders::bench
