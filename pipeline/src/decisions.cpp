#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/decoders/corpus_rules.h>
#include <labelbeam/decoders/decision.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/pipeline/threshold_strategies.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace labelbeam::pipeline {
namespace {

using eval::Average;
using eval::MetricKind;

constexpr std::array<std::string_view, 8> kRuleNames = {
    "subset_accuracy", "hamming_loss", "f1_samples", "fbeta_samples:2",
    "jaccard_samples", "f1_macro",     "f1_micro",   "support"};

/// The K of `PREFIX@K`, at least 1; 0 where the name is none.
std::size_t parse_k(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return 0;
  name.remove_prefix(prefix.size());
  std::size_t k = 0;
  const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), k);
  return fault == std::errc() && end == name.data() + name.size() ? k : 0;
}

std::optional<eval::Metric> find_metric(std::string_view name) {
  try {
    return eval::parse_metric(name);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

decoders::EmptyConvention empty_convention(const eval::Convention& convention) {
  return convention.zero_division == 0.0 ? decoders::EmptyConvention::zero
                                         : decoders::EmptyConvention::one;
}

}  // namespace

std::optional<Rule> Rule::find(std::string_view name) {
  Rule rule;
  if (name == "support") {
    rule.kind_ = Kind::support;
    return rule;
  }
  constexpr std::array<std::pair<std::string_view, Kind>, 3> kBestLabels = {
      {{"precision@", Kind::precision_at}, {"recall@", Kind::recall_at}, {"ndcg@", Kind::ndcg_at}}};
  for (const auto& [prefix, kind] : kBestLabels) {
    rule.k_ = parse_k(name, prefix);
    if (rule.k_ == 0) continue;
    rule.kind_ = kind;
    return rule;
  }
  const std::optional<eval::Metric> metric = find_metric(name);
  if (!metric) return std::nullopt;
  rule.beta_ = metric->beta;
  if (metric->kind == MetricKind::subset_accuracy) {
    rule.kind_ = Kind::subset_accuracy;
  } else if (metric->kind == MetricKind::hamming_loss) {
    rule.kind_ = Kind::hamming_loss;
  } else if (metric->kind == MetricKind::jaccard && metric->average == Average::samples) {
    rule.kind_ = Kind::jaccard;
  } else if (metric->kind == MetricKind::f_beta && metric->average == Average::samples) {
    rule.kind_ = Kind::f_beta;
  } else if (metric->kind == MetricKind::f_beta && metric->average == Average::macro) {
    rule.kind_ = Kind::f_beta_macro;
  } else if (metric->kind == MetricKind::f_beta && metric->average == Average::micro) {
    rule.kind_ = Kind::f_beta_micro;
  } else {
    return std::nullopt;
  }
  return rule;
}

Rule Rule::parse(std::string_view name) {
  if (const std::optional<Rule> rule = find(name)) return *rule;
  throw std::invalid_argument(fmt::format(
      "there is no decision rule \"{}\": the rules are subset_accuracy, hamming_loss, "
      "f1_samples, fbeta_samples:BETA, jaccard_samples, f1_macro, f1_micro, fbeta_macro:BETA, "
      "fbeta_micro:BETA, precision@K, recall@K, ndcg@K and support; the threshold strategies are "
      "{}",
      name, fmt::join(threshold_strategy_grammar(), ", ")));
}

std::string Rule::name() const {
  switch (kind_) {
    case Kind::precision_at:
      return fmt::format("precision@{}", k_);
    case Kind::recall_at:
      return fmt::format("recall@{}", k_);
    case Kind::ndcg_at:
      return fmt::format("ndcg@{}", k_);
    case Kind::support:
      return "support";
    default:
      return eval::metric_name(target().value());
  }
}

std::optional<eval::Metric> Rule::target() const {
  switch (kind_) {
    case Kind::subset_accuracy:
    case Kind::support:
      return eval::Metric{MetricKind::subset_accuracy};
    case Kind::hamming_loss:
      return eval::Metric{MetricKind::hamming_loss};
    case Kind::jaccard:
      return eval::Metric{MetricKind::jaccard, Average::samples};
    case Kind::f_beta:
      return eval::Metric{MetricKind::f_beta, Average::samples, beta_};
    case Kind::f_beta_macro:
      return eval::Metric{MetricKind::f_beta, Average::macro, beta_};
    case Kind::f_beta_micro:
      return eval::Metric{MetricKind::f_beta, Average::micro, beta_};
    case Kind::precision_at:
    case Kind::recall_at:
    case Kind::ndcg_at:
      return std::nullopt;
  }
  return std::nullopt;
}

bool Rule::is_for_collections() const {
  return kind_ == Kind::f_beta_macro || kind_ == Kind::f_beta_micro;
}

decoders::Decision Rule::own_decision(const DocumentDistribution& document,
                                      const RuleContext& context) const {
  const SetDistribution& sets = document.sets;
  const std::optional<decoders::SizeMarginals>& sizes = document.size_marginals;
  const decoders::EmptyConvention empty = empty_convention(context.convention);
  switch (kind_) {
    case Kind::subset_accuracy:
      return decoders::decide_subset_accuracy(sets);
    case Kind::hamming_loss:
      return decoders::decide_hamming(sets);
    case Kind::jaccard:
      return decoders::decide_jaccard(sets, empty);
    case Kind::f_beta:
      return sizes ? decoders::decide_fbeta(*sizes, beta_, empty)
                   : decoders::decide_fbeta(sets, beta_, empty);
    case Kind::precision_at:
      return decoders::decide_precision_at(sets, k_);
    case Kind::recall_at:
      return sizes ? decoders::decide_recall_at(*sizes, k_) : decoders::decide_recall_at(sets, k_);
    case Kind::ndcg_at:
      return sizes ? decoders::decide_ndcg_at(*sizes, k_) : decoders::decide_ndcg_at(sets, k_);
    case Kind::support:
      if (context.support == nullptr) throw std::logic_error("Rule: support has no label sets");
      return decoders::decide_support(sets, *context.support);
    case Kind::f_beta_macro:
    case Kind::f_beta_micro:
      break;
  }
  throw std::logic_error(fmt::format("Rule: {} decides for a collection of documents", name()));
}

/// What an answer is worth to the rules that may break constraints.
double Rule::utility(const LabelSet& truth, const LabelSet& answer, std::size_t num_labels,
                     const RuleContext& context) const {
  const auto shared = static_cast<double>(truth.intersection_size(answer));
  const auto sizes = static_cast<double>(truth.size() + answer.size());
  if (kind_ == Kind::hamming_loss) {
    return 1.0 - (sizes - 2.0 * shared) / static_cast<double>(num_labels);
  }
  if (kind_ != Kind::f_beta && kind_ != Kind::jaccard) return truth == answer ? 1.0 : 0.0;
  if (sizes == 0.0) {
    return empty_convention(context.convention) == decoders::EmptyConvention::one ? 1.0 : 0.0;
  }
  if (kind_ == Kind::jaccard) return shared / (sizes - shared);
  const double b = beta_ * beta_;
  return (1.0 + b) * shared /
         (b * static_cast<double>(truth.size()) + static_cast<double>(answer.size()));
}

void Rule::check_constrained() const {
  if (target() && !is_for_collections()) return;
  throw std::invalid_argument(fmt::format(
      "the rule {} does not go with constraints: they are on the answer of one document, "
      "as subset_accuracy, hamming_loss, f1_samples, jaccard_samples and support give it",
      name()));
}

decoders::Decision Rule::decide(const DocumentDistribution& document,
                                const RuleContext& context) const {
  const std::vector<ScoredSet>& sets = document.sets.sets;
  if (context.constraints != nullptr && sets.empty()) return {};
  decoders::Decision decision = own_decision(document, context);
  if (context.constraints == nullptr || context.constraints->is_valid(decision.labels)) {
    return decision;
  }
  std::vector<LabelSet> candidates;
  for (const ScoredSet& set : sets) candidates.push_back(set.labels);
  const std::size_t num_labels = document.sets.marginals.size();
  decision = decoders::decide_utility(
      document.sets,
      [&](const LabelSet& truth, const LabelSet& answer) {
        return utility(truth, answer, num_labels, context);
      },
      candidates);
  decision.certified = false;  // a valid set that was not found may be worth more
  return decision;
}

std::vector<LabelSet> Rule::decide(const ScoreMatrix& marginals) const {
  if (!is_for_collections()) {
    throw std::logic_error(fmt::format("Rule: {} decides for one document", name()));
  }
  const auto average =
      kind_ == Kind::f_beta_macro ? decoders::CorpusAverage::macro : decoders::CorpusAverage::micro;
  return decoders::decide_corpus_fbeta(marginals, beta_, average).answers;
}

std::vector<LabelSet> Rule::decide(std::span<const DocumentDistribution> documents,
                                   const RuleContext& context) const {
  if (!is_for_collections()) {
    std::vector<LabelSet> answers;
    answers.reserve(documents.size());
    for (const DocumentDistribution& document : documents) {
      answers.push_back(decide(document, context).labels);
    }
    return answers;
  }
  const std::size_t num_labels = documents.empty() ? 0 : documents[0].sets.marginals.size();
  ScoreMatrix marginals(documents.size(), num_labels);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    copy_marginals(documents[i].sets, marginals.row(i));
  }
  return decide(marginals);
}

const std::vector<Rule>& standard_rules() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> parsed;
    for (const std::string_view name : kRuleNames) parsed.push_back(Rule::parse(name));
    return parsed;
  }();
  return rules;
}

void copy_marginals(const SetDistribution& distribution, std::span<double> row) {
  if (row.size() != distribution.marginals.size()) {
    throw std::invalid_argument(fmt::format("copy_marginals: {} marginals for {} labels",
                                            distribution.marginals.size(), row.size()));
  }
  for (std::size_t label = 0; label < row.size(); ++label) {
    row[label] = distribution.marginals[label].estimate;
  }
}

}  // namespace labelbeam::pipeline
