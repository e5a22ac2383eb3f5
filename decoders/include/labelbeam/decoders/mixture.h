#pragma once

#include <labelbeam/set_distribution.h>

#include <functional>
#include <span>

namespace labelbeam::decoders {

/// The weighted mean of what several models know of one document:
/// p(Y) = sum_m weights[m] p_m(Y), a linear opinion pool.
///
/// - *Sets*: those of every member of positive weight. A member that does not list a set gives it
///   between 0 and the member's residual, so that `log_prob` and `log_upper` hold.
/// - *Weights*: the mean of the members' estimates weight * weight_sum, normalised.
/// - *Marginals*: means; `std_error` takes the members' errors as independent. Where members are
///   constrained a marginal is given that the set is valid, and members count by their p(valid).
/// - `certified`: the first set's lower bound reaches every other upper bound.
///
/// `members` and `weights`: [M]; weights need not sum to 1, and none (empty) are equal ones. Throws
/// `std::invalid_argument` for no members, other numbers of weights or labels, a weight that is
/// negative or not finite, and weights that sum to 0.
SetDistribution mixture(std::span<const SetDistribution> members,
                        std::span<const double> weights = {});

/// One factor of a product.
struct ProductFactor {
  /// log q(Y) in nats of a probability distribution over label sets; -inf: impossible.
  std::function<double(const LabelSet&)> log_prob;
  double exponent = 1.0;
};

/// The product of a distribution and others that can be asked for any set, such as a decoder and
/// the independent model: p(Y) = p_0(Y)^exponent prod_i q_i(Y)^a_i / Z, a logarithmic opinion pool.
///
/// The sets are those of `base` that stay possible. What was not found has, before the division by
/// Z, at most U = residual^exponent prod_i (1 - q_i(found))^a_i together, by Hoelder's inequality,
/// which needs exponents that sum to 1 at least: below, many improbable sets can outweigh any
/// bound. Z is between the lower bounds of the sets, and their upper bounds with U; so `log_prob`
/// and `log_upper` differ under a fixed order too, and `residual` bounds the unseen share.
/// An exponent below 1 enlarges what rounding there is in the bounds of `base`.
///
/// - *Weights*: p_0^exponent prod_i q_i^a_i, times weight * weight_sum / p_0 of `base`: importance
///   weights, where `base` was sampled.
/// - *Marginals*: bounds from the sets and U; the estimate is the weight of the sets that hold the
///   label.
/// - Where `base` is constrained, so is the product, normalised over valid sets: `valid` is 1.
///
/// Throws `std::invalid_argument` unless exponents are finite, not negative and sum to 1 at least
/// (less 1e-9), and where a factor's log_prob is empty, gives NaN or more than 0, or more than 1
/// (and 1e-9) in sum over the sets.
SetDistribution product(const SetDistribution& base, double exponent,
                        std::span<const ProductFactor> factors);

}  // namespace labelbeam::decoders
