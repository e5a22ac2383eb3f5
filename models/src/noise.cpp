#include <labelbeam/models/noise.h>

#include <ATen/Context.h>

namespace labelbeam::models {

Noise::Noise(std::uint64_t seed, torch::Device device)
    : generator_(at::globalContext().defaultGenerator(device).clone()) {
  reseed(seed);
}

torch::Tensor dropout(const torch::Tensor& x, double rate, Noise* noise) {
  if (noise == nullptr || rate == 0.0) return x;
  torch::Tensor kept = torch::empty_like(x).bernoulli_(1.0 - rate, noise->generator());
  return x * kept.div_(1.0 - rate);
}

torch::Tensor uniform(torch::IntArrayRef shape, double bound, Noise& noise) {
  // Drawn on the generator's device, so that one seed gives one model a device type.
  return torch::empty(shape, torch::TensorOptions().device(noise.generator().device()))
      .uniform_(-bound, bound, noise.generator());
}

}  // namespace labelbeam::models
