#include <labelbeam/random.h>

#include <bit>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace labelbeam {
namespace {

constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;

std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter[2];
    counter = {high(product1) ^ counter[1] ^ key[0], low(product1),
               high(product0) ^ counter[3] ^ key[1], low(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

CounterRng::CounterRng(std::uint64_t seed, std::initializer_list<std::uint64_t> stream)
    : key_{low(seed), high(seed)} {
  // Every id passes through the generator itself into 128 bits of key and nonce, so that {1, 2},
  // {2, 1} and {1, 2, 0} are unrelated streams.
  for (const std::uint64_t id : stream) {
    const auto mixed = philox4x32({low(id), high(id), nonce_[0], nonce_[1]}, key_);
    key_ = {mixed[0], mixed[1]};
    nonce_ = {mixed[2], mixed[3]};
  }
}

CounterRng::result_type CounterRng::operator()() {
  // A block holds two numbers; making it twice is cheaper than carrying state that a copy, a seek
  // or a saved position would have to keep in step.
  const std::uint64_t block = position_ / 2;
  const auto bits = philox4x32({low(block), high(block), nonce_[0], nonce_[1]}, key_);
  const std::size_t first = position_ % 2 == 0 ? 0 : 2;
  ++position_;
  return (std::uint64_t{bits[first + 1]} << 32) | bits[first];
}

double CounterRng::uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }

double CounterRng::open_uniform() { return (static_cast<double>((*this)() >> 12) + 0.5) * 0x1p-52; }

std::uint64_t CounterRng::below(std::uint64_t n) {
  if (n == 0) throw std::invalid_argument("CounterRng: below(n) needs n of at least 1, got 0");
  // Numbers of as many bits as n - 1 has, until one is small enough: no bias, less than two draws
  // on average.
  const int unused_bits = std::countl_zero(n - 1);
  if (unused_bits == 64) return 0;
  while (true) {
    const std::uint64_t candidate = (*this)() >> unused_bits;
    if (candidate < n) return candidate;
  }
}

double CounterRng::normal() {
  // Box and Muller; the sine twin is not kept, so that a position is the whole state.
  const double radius = std::sqrt(-2.0 * std::log(open_uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

double CounterRng::gumbel() { return -std::log(-std::log(open_uniform())); }

std::size_t CounterRng::categorical(std::span<const double> weights) {
  double sum = 0.0;
  std::size_t last_possible = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] >= 0.0)) {
      throw std::invalid_argument("CounterRng: a weight is negative or not a number");
    }
    if (weights[i] > 0.0) last_possible = i;
    sum += weights[i];
  }
  if (!(sum > 0.0) || !std::isfinite(sum)) {
    throw std::invalid_argument("CounterRng: the weights must have a positive, finite sum");
  }
  double left = uniform() * sum;
  for (std::size_t i = 0; i < last_possible; ++i) {
    if (left < weights[i]) return i;
    left -= weights[i];
  }
  return last_possible;
}

}  // namespace labelbeam
