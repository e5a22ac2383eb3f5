#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/exhaustive_search.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>

#include "../support/clustered_table_model.h"
#include "catch.h"
#include "random_tables.h"

using labelbeam::EmptySet;
using labelbeam::LabelClusters;
using labelbeam::LabelId;
using labelbeam::LabelOrder;
using labelbeam::LabelSet;
using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

ClusteredTableOptions random_clusters(std::mt19937_64& random, Order order) {
  ClusteredTableOptions options;
  const std::size_t num_labels = 1 + random() % (order == Order::fixed ? 9 : 5);
  const auto num_clusters = static_cast<std::uint32_t>(1 + random() % num_labels);
  options.semantics.num_labels = options.semantics.max_size = num_labels;
  options.semantics.empty_set = random() % 2 == 0 ? EmptySet::allow : EmptySet::forbid;
  if (order == Order::fixed) {
    std::vector<LabelId> by_rank(num_labels);
    std::iota(by_rank.begin(), by_rank.end(), LabelId{0});
    std::shuffle(by_rank.begin(), by_rank.end(), random);
    options.semantics.order = LabelOrder::fixed(by_rank);
  }
  for (std::uint32_t l = 0; l < num_labels; ++l) {
    options.cluster_of.push_back(
        l < num_clusters ? l : static_cast<std::uint32_t>(random() % num_clusters));
  }
  std::shuffle(options.cluster_of.begin(), options.cluster_of.end(), random);
  options.document_keys = {random(), random()};
  options.scale = random() % 4 == 0 ? 20.0 : 2.0;
  return options;
}

/// L labels in C clusters, both in the order of the ranks; sets of one to three labels.
ClusteredTableOptions large_task(std::size_t num_labels, std::size_t num_clusters) {
  ClusteredTableOptions options;
  options.semantics.num_labels = num_labels;
  options.semantics.max_size = 8;
  options.semantics.order = LabelOrder::by_frequency(std::vector<std::uint64_t>(num_labels));
  for (std::size_t l = 0; l < num_labels; ++l) {
    options.cluster_of.push_back(static_cast<std::uint32_t>(l * num_clusters / num_labels));
  }
  options.scale = 8.0;
  options.end_logit = 10.0;
  options.document_keys = {1, 2, 3};
  return options;
}

/// The same model to a search that knows nothing of clusters.
class FlatModel : public labelbeam::StepModel {
 public:
  explicit FlatModel(ClusteredTableModel& model) : model_(model) {}
  const labelbeam::SetSemantics& semantics() const override { return model_.semantics(); }
  std::size_t num_documents() const override { return model_.num_documents(); }
  void start(std::span<labelbeam::StateId> roots) override { model_.start(roots); }
  void logits(std::span<const labelbeam::StateId> states, std::span<float> out) override {
    model_.logits(states, out);
  }
  void advance(std::span<const labelbeam::StateId> parents, std::span<const LabelId> labels,
               std::span<labelbeam::StateId> children) override {
    model_.advance(parents, labels, children);
  }
  void release(std::span<const labelbeam::StateId> states) override { model_.release(states); }

 private:
  ClusteredTableModel& model_;
};

double marginal_of(const std::map<LabelSet, double>& sets, LabelId label) {
  double sum = 0.0;
  for (const auto& [set, mass] : sets) sum += set.contains(label) ? mass : 0.0;
  return sum;
}

}  // namespace

TEST_CASE("A wide beam over clusters equals enumeration") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::mt19937_64 random(11);
  for (int round = 0; round < 500; ++round) {
    ClusteredTableModel model(random_clusters(random, order));
    const auto found =
        BeamSearch({.beam_size = 512, .num_sets = 1024, .stop_mass = 0.0}).search(model);
    INFO("round " << round);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto exact = model.exact(i);
      REQUIRE(found[i].sets.size() == exact.size());
      for (const ScoredSet& set : found[i].sets) {
        REQUIRE(std::abs(std::exp(set.log_prob) - exact.at(set.labels)) <= 1e-10);
      }
      for (LabelId l = 0; l < model.semantics().num_labels; ++l) {
        REQUIRE(std::abs(found[i].marginals[l].lower - marginal_of(exact, l)) <= 1e-10);
        REQUIRE(std::abs(found[i].marginals[l].upper - marginal_of(exact, l)) <= 1e-10);
      }
    }
    REQUIRE(model.num_live() == 0);
  }
}

TEST_CASE("A narrow beam over clusters keeps the beam's sets and sound bounds") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::mt19937_64 random(12);
  for (int round = 0; round < 500; ++round) {
    ClusteredTableModel model(random_clusters(random, order));
    FlatModel flat(model);
    const BeamSearch beam({.beam_size = 1 + random() % 4});
    const auto found = beam.search(model);
    const auto dense = beam.search(flat);
    INFO("round " << round);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto exact = model.exact(i);
      double best = 0.0;
      for (const auto& [set, mass] : exact) best = std::max(best, mass);
      REQUIRE(found[i].sets.size() == dense[i].sets.size());
      for (std::size_t n = 0; n < found[i].sets.size(); ++n) {
        const ScoredSet& set = found[i].sets[n];
        REQUIRE(std::abs(std::exp(set.log_prob) - std::exp(dense[i].sets[n].log_prob)) <= 1e-5);
        REQUIRE(std::exp(set.log_prob) <= exact.at(set.labels) + 1e-12);
        REQUIRE(std::exp(set.log_upper) >= exact.at(set.labels) - 1e-12);
      }
      for (LabelId l = 0; l < model.semantics().num_labels; ++l) {
        REQUIRE(found[i].marginals[l].lower <= marginal_of(exact, l) + 1e-12);
        REQUIRE(found[i].marginals[l].upper >= marginal_of(exact, l) - 1e-12);
      }
      if (found[i].certified) REQUIRE(exact.at(found[i].sets.front().labels) >= best - 1e-12);
    }
  }
}

TEST_CASE("Flat logits of a clustered model have its distribution") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::mt19937_64 random(13);
  for (int round = 0; round < 100; ++round) {
    ClusteredTableModel model(random_clusters(random, order));
    const auto all = ExhaustiveSearch().search(model);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto exact = model.exact(i);
      for (const ScoredSet& set : all[i].sets) {
        REQUIRE(std::abs(std::exp(set.log_prob) - exact.at(set.labels)) <= 1e-5);
      }
    }
  }
}

TEST_CASE("A beam over 100,000 labels opens few of them and answers as over all") {
  constexpr std::size_t kLabels = 100'000;
  ClusteredTableModel model(large_task(kLabels, 400));
  FlatModel flat(model);
  const BeamSearch beam({.beam_size = 4});
  const auto found = beam.search(model);
  const std::size_t opened = model.num_labels_scored();
  const std::size_t rows = model.num_rows_scored();
  CHECK(opened < rows * kLabels / 10);
  const auto dense = beam.search(flat);
  REQUIRE(found.size() == 3);
  for (std::size_t i = 0; i < found.size(); ++i) {
    REQUIRE(found[i].sets.front().labels == dense[i].sets.front().labels);
    CHECK(std::abs(found[i].sets.front().log_prob - dense[i].sets.front().log_prob) < 1e-4);
  }
}

TEST_CASE("A beam over clusters reports faulty logits and releases every state") {
  class Faulty : public ClusteredTableModel {
   public:
    Faulty(ClusteredTableOptions options, bool within)
        : ClusteredTableModel(std::move(options)), within_(within) {}
    void cluster_logits(std::span<const labelbeam::StateId> states, std::span<float> out) override {
      ClusteredTableModel::cluster_logits(states, out);
      if (!within_) out[0] = std::nanf("");
    }
    void logits_within(std::uint32_t cluster, std::span<const labelbeam::StateId> states,
                       std::span<float> out) override {
      ClusteredTableModel::logits_within(cluster, states, out);
      if (within_) std::fill(out.begin(), out.end(), -std::numeric_limits<float>::infinity());
    }

   private:
    bool within_;
  };
  Faulty nan(large_task(40, 5), false);
  CHECK_THROWS_WITH(BeamSearch().search(nan),
                    contains_text("document 0: the logit of cluster 0 is nan"));
  CHECK(nan.num_live() == 0);
  Faulty nothing(large_task(40, 5), true);
  CHECK_THROWS_WITH(BeamSearch().search(nothing),
                    contains_text("is possible, but none of its labels is"));
  CHECK(nothing.num_live() == 0);
}

TEST_CASE("A beam over clusters refuses constraints that were made for another model") {
  labelbeam::ConstraintSpec spec;
  spec.must = {30};
  const auto others =
      std::make_shared<const Constraints>(spec, large_task(40, 5).semantics, ConstraintOptions{});
  ClusteredTableModel model(large_task(10, 2));
  CHECK_THROWS_WITH(BeamSearch({.constraints = others}).search(model),
                    contains_text("made for other set semantics"));
  CHECK(model.num_live() == 0);
}

TEST_CASE("Label clusters are a partition") {
  const LabelClusters clusters({1, 0, 1, 2});
  CHECK(clusters.num_clusters() == 3);
  CHECK(std::vector<LabelId>(clusters.members(1).begin(), clusters.members(1).end()) ==
        std::vector<LabelId>{0, 2});
  CHECK(clusters.cluster_of(3) == 2);
  CHECK_THROWS_WITH(LabelClusters({0, 2, 2}), contains_text("cluster 1 has no label"));
  CHECK_THROWS_WITH(LabelClusters({7}), contains_text("1 labels cannot fill 8 clusters"));
  CHECK_THROWS_WITH(LabelClusters({}), contains_text("there is no label"));
}
