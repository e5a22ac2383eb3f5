#pragma once

#include <boost/container/small_vector.hpp>

namespace labelbeam::eval {

/// A sum of doubles without any rounding until it is asked for, so that its value is the same
/// whatever the order of the terms and however they were split over sums (Shewchuk 1997).
///
/// Terms must be finite and their sum below the largest double.
class ExactSum {
 public:
  void add(double term);
  void add(const ExactSum& other);
  void subtract(const ExactSum& other);
  /// The sum, rounded once, to the nearest double (half to even).
  double value() const;

 private:
  /// By rising magnitude; no two share a bit, so that they add up to the sum exactly.
  boost::container::small_vector<double, 2> parts_;
};

}  // namespace labelbeam::eval
