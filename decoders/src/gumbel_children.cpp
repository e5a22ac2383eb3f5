#include "gumbel_children.h"

#include <algorithm>
#include <cmath>

#include "log_math.h"
#include "positions.h"

namespace labelbeam::decoders {
namespace {

/// log(1 - exp(x)) for x <= 0. Maechler, "Accurately computing log(1 - exp(-|a|))", 2012.
double log1m_exp(double x) {
  constexpr double kLogHalf = -0.6931471805599453;
  return x > kLogHalf ? std::log(-std::expm1(x)) : std::log1p(-std::exp(x));
}

/// A Gumbel variable of several whose largest is `largest`, given that the largest is `given`: Kool
/// et al. 2019, appendix B.3. Monotone, and `given` itself for the largest.
double truncated(double gumbel, double largest, double given) {
  const double v = given - gumbel + log1m_exp(gumbel - largest);
  return given - std::max(0.0, v) - std::log1p(std::exp(-std::abs(v)));
}

}  // namespace

const std::vector<GumbelChildren::Child>& GumbelChildren::draw(const MaskedRow& row,
                                                               const SetSemantics& semantics,
                                                               double log_prob, double perturbed,
                                                               CounterRng& random) {
  children_.clear();
  double sum = 0.0;
  const auto add = [&](LabelId position, double score, double weight) {
    if (weight == 0.0) return;
    sum += weight;
    children_.push_back({position, score, 0.0, 0.0});
  };
  add(kEndPosition, row.end_score(), std::exp(row.end_score()));
  for (std::size_t i = row.first(); i < row.weights().size(); ++i) {
    add(static_cast<LabelId>(i), row.scores()[i], row.weights()[i]);
  }
  const double log_sum = std::log(sum);
  double largest = kMinusInfinity;
  for (Child& child : children_) {
    child.log_share = child.score - log_sum;
    const bool is_end = child.position == kEndPosition;
    random.seek(is_end ? semantics.end() : label_at(semantics, child.position));
    child.perturbed = log_prob + child.log_share + random.gumbel();
    largest = std::max(largest, child.perturbed);
  }
  for (Child& child : children_) child.perturbed = truncated(child.perturbed, largest, perturbed);
  return children_;
}

}  // namespace labelbeam::decoders
