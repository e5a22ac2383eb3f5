#include <ATen/Context.h>
#include <labelbeam/models/noise.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace labelbeam::models {

Noise::Noise(std::uint64_t seed, torch::Device device)
    : generator_(at::globalContext().defaultGenerator(device).clone()) {
  reseed(seed);
}

torch::Tensor dropout(const torch::Tensor& x, double rate, Noise* noise) {
  if (noise == nullptr || rate == 0.0) return x;
  // Four elements share a draw of 64 bits: the generator works through numbers one at a time.
  constexpr std::int64_t kElements = 4;
  constexpr double kLevels = 65536.0;
  const torch::Tensor bits =
      torch::empty({(x.numel() + kElements - 1) / kElements},
                   x.options().dtype(torch::kInt64).requires_grad(false))
          .random_(std::numeric_limits<std::int64_t>::min(), std::nullopt, noise->generator())
          .view(torch::kInt16)
          .narrow(0, 0, x.numel())
          .view(x.sizes());
  const double dropped = std::floor(rate * kLevels);
  const torch::Tensor kept = bits >= static_cast<std::int64_t>(dropped - kLevels / 2);
  return x * kept.to(x.dtype()).mul_(kLevels / (kLevels - dropped));
}

torch::Tensor uniform(torch::IntArrayRef shape, double bound, Noise& noise) {
  // Drawn on the generator's device, so that one seed gives one model a device type.
  return torch::empty(shape, torch::TensorOptions().device(noise.generator().device()))
      .uniform_(-bound, bound, noise.generator());
}

}  // namespace labelbeam::models
