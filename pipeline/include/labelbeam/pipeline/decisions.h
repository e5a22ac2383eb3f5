#pragma once

#include <labelbeam/decoders/constraints.h>
#include <labelbeam/decoders/decision.h>
#include <labelbeam/decoders/size_marginals.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>
#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

/// The table of decision rules: the one place where their names are bound to functions. That of
/// threshold strategies is in `threshold_strategies.h`.
namespace labelbeam::pipeline {

/// What a decision rule reads of one document.
struct DocumentDistribution {
  SetDistribution sets;
  /// Exact P(i in Y, |Y| = s) where the model offers it (independent labels); else it is taken from
  /// the weights of `sets`.
  std::optional<decoders::SizeMarginals> size_marginals;
};

/// What rules know besides the documents.
struct RuleContext {
  eval::Convention convention;  ///< what F-beta and Jaccard of two empty sets are worth
  /// The label sets of training data; only `support` asks for them, and then they must be there.
  const std::unordered_set<LabelSet>* support = nullptr;
  /// What answers must satisfy. Where a rule's own answer does not, the found set of largest
  /// expected utility is taken. The K best labels and collections are not decided under
  /// constraints.
  const decoders::Constraints* constraints = nullptr;
};

/// A decision rule: the answer with the best expected value of a metric. Named after that metric.
///
/// Rules for documents: `subset_accuracy`, `hamming_loss`, `f1_samples`, `fbeta_samples:BETA`,
/// `jaccard_samples`, `precision@K`, `recall@K`, `ndcg@K`, and `support`: the most probable set
/// that training data hold. Rules for collections, see `decoders/corpus_rules.h`: `f1_macro`,
/// `f1_micro`, `fbeta_macro:BETA`, `fbeta_micro:BETA`; their answers depend on all documents of a
/// collection.
class Rule {
 public:
  /// The rule of a name, or none.
  static std::optional<Rule> find(std::string_view name);
  /// The same, with `std::invalid_argument` that lists the names where there is none.
  static Rule parse(std::string_view name);

  std::string name() const;
  /// The metric of `eval` that is served, subset accuracy for `support`; none for the K best
  /// labels.
  std::optional<eval::Metric> target() const;
  bool is_for_collections() const;
  bool needs_support() const { return kind_ == Kind::support; }
  /// Throws `std::invalid_argument` for a rule that is not decided under constraints.
  void check_constrained() const;

  /// The answer of a rule for documents; `std::logic_error` for another.
  decoders::Decision decide(const DocumentDistribution& document,
                            const RuleContext& context = {}) const;
  /// The answers of a rule for collections, [n], from marginals [n, L]; `std::logic_error` for
  /// another.
  std::vector<LabelSet> decide(const ScoreMatrix& marginals) const;
  /// The answers of any rule, [n]; what is given is the collection.
  std::vector<LabelSet> decide(std::span<const DocumentDistribution> documents,
                               const RuleContext& context = {}) const;

 private:
  decoders::Decision own_decision(const DocumentDistribution& document,
                                  const RuleContext& context) const;
  double utility(const LabelSet& truth, const LabelSet& answer, std::size_t num_labels,
                 const RuleContext& context) const;

  enum class Kind {
    subset_accuracy,
    hamming_loss,
    f_beta,
    jaccard,
    f_beta_macro,
    f_beta_micro,
    precision_at,
    recall_at,
    ndcg_at,
    support,
  };

  Kind kind_ = Kind::subset_accuracy;
  double beta_ = 1.0;  // of F-beta
  std::size_t k_ = 1;  // of the K best labels
};

/// Every rule of the comparison, in the order of its table.
const std::vector<Rule>& standard_rules();

/// p(label in set), the estimates of a distribution's marginals. `row`: [L].
void copy_marginals(const SetDistribution& distribution, std::span<double> row);

}  // namespace labelbeam::pipeline
