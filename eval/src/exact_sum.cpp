#include <labelbeam/eval/exact_sum.h>

#include <cmath>
#include <cstddef>
#include <utility>

namespace labelbeam::eval {

void ExactSum::add(double term) {
  std::size_t kept = 0;
  for (double part : parts_) {
    if (std::abs(term) < std::abs(part)) std::swap(term, part);
    const double high = term + part;
    const double low = part - (high - term);
    if (low != 0.0) parts_[kept++] = low;
    term = high;
  }
  parts_.resize(kept);
  if (term != 0.0) parts_.push_back(term);
}

void ExactSum::add(const ExactSum& other) {
  const auto terms = other.parts_;  // a copy: the other may be this one
  for (const double term : terms) add(term);
}

void ExactSum::subtract(const ExactSum& other) {
  const auto terms = other.parts_;
  for (const double term : terms) add(-term);
}

double ExactSum::value() const {
  if (parts_.empty()) return 0.0;
  std::size_t left = parts_.size() - 1;
  double high = parts_[left];
  double low = 0.0;
  while (left > 0 && low == 0.0) {
    const double part = parts_[--left];
    const double sum = high + part;
    low = part - (sum - high);
    high = sum;
  }
  // Half a unit was rounded to even although the parts below say to which side it belongs.
  if (left > 0 && (low < 0.0) == (parts_[left - 1] < 0.0)) {
    const double away = 2.0 * low;
    const double sum = high + away;
    if (sum - high == away) high = sum;
  }
  return high;
}

}  // namespace labelbeam::eval
