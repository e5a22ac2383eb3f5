#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <utility>

namespace labelbeam {

/// Philox 4x32 with 10 rounds: 128 random bits that are a function of a counter and a key alone.
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// Random numbers that depend on a seed, the ids of a stream and a position, and on nothing else.
///
/// Give every independent use its own stream, such as `CounterRng(seed, {kDropout, epoch, row})`:
/// the numbers are then the same whatever the number of threads and the order of the work. A
/// uniform random bit generator in the sense of the standard library; but the distributions of the
/// standard library differ from one implementation to the next, so use the members here.
class CounterRng {
 public:
  using result_type = std::uint64_t;

  explicit CounterRng(std::uint64_t seed, std::initializer_list<std::uint64_t> stream = {});

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  /// 64 random bits.
  result_type operator()();

  /// How many times 64 bits were drawn; with `seek`, all that is needed to go on later.
  std::uint64_t position() const { return position_; }
  void seek(std::uint64_t position) { position_ = position; }

  /// In [0, 1), a multiple of 2^-53.
  double uniform();
  /// In [0, n), every number equally likely. Throws `std::invalid_argument` for n = 0.
  std::uint64_t below(std::uint64_t n);
  /// Normal with mean 0 and standard deviation 1.
  double normal();
  /// Standard Gumbel: -log(-log u).
  double gumbel();
  /// An index with probability proportional to its weight. Throws `std::invalid_argument` unless
  /// the weights are finite and not negative, and their sum is positive and finite.
  std::size_t categorical(std::span<const double> weights);
  /// Every order equally likely.
  template <typename T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      using std::swap;
      swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
    }
  }

 private:
  double open_uniform();

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 2> nonce_{};
  std::uint64_t position_ = 0;
};

}  // namespace labelbeam
