#include "logistic_fit.h"

#include <labelbeam/eval/compensated_sum.h>
#include <nlopt.h>

#include <memory>
#include <stdexcept>

#include "log_odds.h"

namespace labelbeam::eval {
namespace {

/// Mean log loss, in the form that neither cancels nor overflows (Lin, Lin & Weng 2007).
double mean_log_loss(unsigned num_weights, const double* weights, double* gradient, void* data) {
  const auto& problem = *static_cast<const LogisticProblem*>(data);
  const std::size_t n = problem.targets.size();
  CompensatedSum loss;
  std::vector<CompensatedSum> slopes(gradient ? num_weights : 0);
  for (std::size_t i = 0; i < n; ++i) {
    const double* input = problem.inputs.data() + i * num_weights;
    double z = 0.0;
    for (unsigned k = 0; k < num_weights; ++k) z += weights[k] * input[k];
    const double target = problem.targets[i];
    loss.add(target * softplus(-z) + (1.0 - target) * softplus(z));
    if (!gradient) continue;
    const double error = (1.0 - target) * sigmoid(z) - target * sigmoid(-z);
    for (unsigned k = 0; k < num_weights; ++k) slopes[k].add(error * input[k]);
  }
  const double scale = 1.0 / static_cast<double>(n);
  for (std::size_t k = 0; k < slopes.size(); ++k) gradient[k] = slopes[k].value() * scale;
  return loss.value() * scale;
}

}  // namespace

std::vector<double> fit_logistic(const LogisticProblem& problem) {
  const auto num_weights = static_cast<unsigned>(problem.start.size());
  const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimiser(
      nlopt_create(NLOPT_LD_SLSQP, num_weights), &nlopt_destroy);
  if (!optimiser) throw std::runtime_error("fit_logistic: NLopt has no memory");
  nlopt_set_min_objective(optimiser.get(), mean_log_loss, const_cast<LogisticProblem*>(&problem));
  nlopt_set_lower_bounds(optimiser.get(), problem.lower.data());
  nlopt_set_upper_bounds(optimiser.get(), problem.upper.data());
  nlopt_set_xtol_rel(optimiser.get(), 1e-10);
  nlopt_set_ftol_rel(optimiser.get(), 1e-15);
  nlopt_set_maxeval(optimiser.get(), 500);
  std::vector<double> weights = problem.start;
  double loss = 0.0;
  // A line search that rounding stops has failed in name only: the weights are the best there are.
  const nlopt_result result = nlopt_optimize(optimiser.get(), weights.data(), &loss);
  if (result == NLOPT_INVALID_ARGS || result == NLOPT_OUT_OF_MEMORY) {
    throw std::runtime_error("fit_logistic: NLopt refuses the problem");
  }
  return weights;
}

}  // namespace labelbeam::eval
