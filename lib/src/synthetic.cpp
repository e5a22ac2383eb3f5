#include <fmt/format.h>
#include <labelbeam/stable_hash.h>
#include <labelbeam/synthetic.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <utility>

namespace labelbeam {
namespace {

constexpr std::size_t kMaxSyntheticLabels = 16;
constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

void check(const SyntheticOptions& o) {
  const auto require = [](bool holds, const std::string& sentence) {
    if (!holds) throw std::invalid_argument("SyntheticTask: " + sentence);
  };
  require(o.num_labels >= 1 && o.num_labels <= kMaxSyntheticLabels,
          fmt::format("num_labels must be between 1 and {}, got {}", kMaxSyntheticLabels,
                      o.num_labels));
  require(o.words_per_label >= 2,
          fmt::format("words_per_label must be at least 2, got {}", o.words_per_label));
  require(o.common_words >= 1,
          fmt::format("common_words must be at least 1, got {}", o.common_words));
  require(o.min_words >= 1 && o.min_words <= o.max_words,
          fmt::format("min_words must be between 1 and max_words, got {} and {}", o.min_words,
                      o.max_words));
  require(std::isfinite(o.background) && o.background > 0,
          fmt::format("background must be above 0, got {}", o.background));
  require(o.twin_overlap >= 0 && o.twin_overlap <= 1,
          fmt::format("twin_overlap must be between 0 and 1, got {}", o.twin_overlap));
}

/// Draws that are the same with every standard library, unlike <random>'s distributions.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : engine_(stable_hash("synthetic", seed)) {}

  double uniform() { return unit_interval(engine_()); }
  std::size_t below(std::size_t count) {
    return std::min(count - 1, static_cast<std::size_t>(uniform() * static_cast<double>(count)));
  }
  bool coin() { return uniform() < 0.5; }

 private:
  std::mt19937_64 engine_;
};

/// sigmoid, rounded to a multiple of 2^-20 so that differences between math libraries vanish.
double label_probability(double logit) {
  constexpr double kSteps = 0x1p20;
  const double steps = std::round(kSteps / (1.0 + std::exp(-logit)));
  return std::clamp(steps, 1.0, kSteps - 1.0) / kSteps;
}

LabelSet to_set(std::uint32_t mask) {
  std::vector<LabelId> ids;
  for (LabelId label = 0; mask >> label != 0; ++label) {
    if (mask >> label & 1u) ids.push_back(label);
  }
  return LabelSet(ids);
}

std::uint32_t to_mask(const LabelSet& labels, std::size_t num_labels) {
  std::uint32_t mask = 0;
  for (const LabelId label : labels) {
    if (label >= num_labels) {
      throw std::invalid_argument(
          fmt::format("SyntheticTask: label {} is not below {}", label, num_labels));
    }
    mask |= 1u << label;
  }
  return mask;
}

template <typename Visit>
void for_each_word(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

SyntheticTask::SyntheticTask(SyntheticOptions options) : options_(std::move(options)) {
  check(options_);
  for (std::size_t label = 0; label < options_.num_labels; ++label) {
    labels_.add(fmt::format("label{:02}", label));
  }
  make_dependencies();
  make_topics();
}

void SyntheticTask::make_dependencies() {
  const std::size_t num_labels = options_.num_labels;
  Draws draws(options_.seed);
  biases_.assign(num_labels, -1.0);
  weights_.assign(num_labels * num_labels, 0.0);
  for (std::size_t twin = 0; twin < num_labels; twin += 2) {
    const bool paired = twin + 1 < num_labels;
    if (paired) weights_[(twin + 1) * num_labels + twin] = -5.0;
    // What speaks for one twin speaks against the other.
    for (std::size_t parents = std::min<std::size_t>(twin, 2); parents-- > 0;) {
      const std::size_t parent = draws.below(twin);
      const double weight = (draws.coin() ? 1.0 : -1.0) * (2.0 + 2.0 * draws.uniform());
      weights_[twin * num_labels + parent] = weight;
      if (paired) weights_[(twin + 1) * num_labels + parent] = -weight;
    }
  }
}

void SyntheticTask::make_topics() {
  const std::size_t num_labels = options_.num_labels;
  const std::size_t per_label = options_.words_per_label;
  const auto shared =
      static_cast<std::size_t>(std::lround(options_.twin_overlap * static_cast<double>(per_label)));
  const std::size_t own = per_label - shared;
  const std::size_t pairs = (num_labels + 1) / 2;
  const std::size_t per_pair = shared + 2 * own;
  const std::size_t topic_words = pairs * per_pair;
  const std::size_t num_words = topic_words + options_.common_words;
  for (std::size_t word = 0; word < num_words; ++word) words_.add(fmt::format("w{:03}", word));

  topics_.assign((num_labels + 1) * num_words, 0.0);
  const double share = 1.0 / static_cast<double>(per_label);
  for (std::size_t label = 0; label < num_labels; ++label) {
    double* topic = &topics_[label * num_words];
    const std::size_t start = label / 2 * per_pair;
    std::fill_n(topic + start, shared, share);
    std::fill_n(topic + start + shared + (label % 2) * own, own, share);
  }
  // The background knows every word, so that no word proves a label.
  double* background = &topics_[num_labels * num_words];
  std::fill_n(background, num_words, 1.0 / static_cast<double>(num_words));
}

std::uint32_t SyntheticTask::draw_word(std::uint32_t mask, double where) const {
  const std::size_t num_words = words_.size();
  const double total = options_.background + std::popcount(mask);
  double left = where * total;
  std::size_t topic = options_.num_labels;
  double weight = options_.background;
  for (std::size_t label = 0; label < options_.num_labels && left >= weight; ++label) {
    if (!(mask >> label & 1u)) continue;
    left -= weight;
    weight = 1.0;
    topic = label;
  }
  left /= weight;
  const double* probabilities = &topics_[topic * num_words];
  std::size_t last = 0;
  for (std::size_t word = 0; word < num_words; ++word) {
    if (probabilities[word] == 0.0) continue;
    last = word;
    if (left < probabilities[word]) break;
    left -= probabilities[word];
  }
  return static_cast<std::uint32_t>(last);
}

double SyntheticTask::probability_of(std::size_t label, std::uint32_t earlier) const {
  double logit = biases_[label];
  for (std::size_t j = 0; j < label; ++j) {
    if (earlier >> j & 1u) logit += weights_[label * options_.num_labels + j];
  }
  return label_probability(logit);
}

Dataset SyntheticTask::sample(std::size_t num_rows, std::uint64_t seed,
                              std::string_view id_prefix) const {
  Draws draws(stable_hash("rows", seed) ^ options_.seed);
  Dataset data{labels_, {}};
  data.rows.reserve(num_rows);
  for (std::size_t i = 0; i < num_rows; ++i) {
    std::uint32_t mask = 0;
    for (std::size_t label = 0; label < options_.num_labels; ++label) {
      if (draws.uniform() < probability_of(label, mask)) mask |= 1u << label;
    }
    Example row;
    row.id = fmt::format("{}-{}", id_prefix, i);
    row.labels = to_set(mask);
    row.text.emplace();
    const std::size_t length =
        options_.min_words + draws.below(options_.max_words - options_.min_words + 1);
    for (std::size_t word = 0; word < length; ++word) {
      if (word > 0) *row.text += ' ';
      *row.text += words_.name(draw_word(mask, draws.uniform()));
    }
    data.rows.push_back(std::move(row));
  }
  return data;
}

double SyntheticTask::log_prior_of(std::uint32_t mask) const {
  double sum = 0.0;
  for (std::size_t label = 0; label < options_.num_labels; ++label) {
    const double p = probability_of(label, mask);
    sum += std::log(mask >> label & 1u ? p : 1.0 - p);
  }
  return sum;
}

double SyntheticTask::log_prior(const LabelSet& labels) const {
  return log_prior_of(to_mask(labels, options_.num_labels));
}

std::vector<double> SyntheticTask::word_probabilities(std::uint32_t word) const {
  const std::size_t num_words = words_.size();
  std::vector<double> sums(std::size_t{1} << options_.num_labels);
  sums[0] = options_.background * topics_[options_.num_labels * num_words + word];
  for (std::uint32_t mask = 1; mask < sums.size(); ++mask) {
    const auto lowest = static_cast<std::size_t>(std::countr_zero(mask));
    sums[mask] = sums[mask & (mask - 1)] + topics_[lowest * num_words + word];
  }
  for (std::uint32_t mask = 0; mask < sums.size(); ++mask) {
    sums[mask] /= options_.background + std::popcount(mask);
  }
  return sums;
}

std::vector<double> SyntheticTask::log_posteriors(std::string_view text) const {
  std::vector<double> logs(std::size_t{1} << options_.num_labels);
  for (std::uint32_t mask = 0; mask < logs.size(); ++mask) logs[mask] = log_prior_of(mask);
  for_each_word(text, [&](std::string_view name) {
    const auto word = words_.find(name);
    if (!word) return;
    const std::vector<double> probabilities = word_probabilities(*word);
    for (std::size_t mask = 0; mask < logs.size(); ++mask) {
      logs[mask] += std::log(probabilities[mask]);
    }
  });
  double largest = kMinusInfinity;
  for (const double value : logs) largest = std::max(largest, value);
  double sum = 0.0;
  for (const double value : logs) sum += std::exp(value - largest);
  for (double& value : logs) value -= largest + std::log(sum);
  return logs;
}

double SyntheticTask::log_posterior(std::string_view text, const LabelSet& labels) const {
  return log_posteriors(text)[to_mask(labels, options_.num_labels)];
}

}  // namespace labelbeam
