#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/set_nll_gains.h>
#include <labelbeam/eval/significance.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "reported_interval.h"

namespace labelbeam::eval {
namespace {

using Rows = std::vector<double>;

bool is_finite(double value) { return std::isfinite(value); }

/// [n] the mean over seeds.
Rows row_means(const SystemSetNll& system, std::size_t num_rows) {
  if (system.seeds.empty()) {
    throw std::invalid_argument("set_nll_gains: " + system.system + " has no seed");
  }
  Rows means(num_rows);
  for (const Rows& nll : system.seeds) {
    if (nll.size() != num_rows) {
      throw std::invalid_argument(
          fmt::format("set_nll_gains: {} rows but {} of {}", num_rows, nll.size(), system.system));
    }
    for (std::size_t i = 0; i < num_rows; ++i) {
      if (!(nll[i] > -std::numeric_limits<double>::infinity())) {
        throw std::invalid_argument(
            fmt::format("set_nll_gains: the NLL of a row of {} is {}", system.system, nll[i]));
      }
      means[i] += nll[i] / static_cast<double>(system.seeds.size());
    }
  }
  return means;
}

double mean(const Rows& values) {
  if (values.empty() || !std::all_of(values.begin(), values.end(), is_finite)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  CompensatedSum sum;
  for (const double value : values) sum.add(value);
  return sum.value() / static_cast<double>(values.size());
}

/// The gains over some rows. `differences`: [gains][rows of the part].
void measure_part(const std::vector<Rows>& differences, NllGainPart SetNllGain::*part,
                  const char* name, const ResamplingOptions& options, SetNllGains& found) {
  std::vector<std::size_t> measured;
  std::vector<Rows> columns;
  for (std::size_t g = 0; g < differences.size(); ++g) {
    NllGainPart& gain = found.gains[g].*part;
    gain.rows = differences[g].size();
    gain.gain = mean(differences[g]);
    if (gain.rows < 2 || !std::isfinite(gain.gain)) continue;
    measured.push_back(g);
    columns.push_back(differences[g]);
  }
  const std::vector<Rows> replicates = bootstrap_means(columns, options);
  for (std::size_t m = 0; m < measured.size(); ++m) {
    SetNllGain& gain = found.gains[measured[m]];
    const std::string what =
        fmt::format("the set NLL gain of {} over {}, {} rows", gain.system, gain.opponent, name);
    (gain.*part).interval = reported_interval((gain.*part).gain, replicates[m],
                                              mean_jackknife(columns[m]), what, found.warnings);
  }
}

std::vector<Rows> rows_where(const std::vector<Rows>& differences, const std::vector<bool>& seen,
                             bool wanted) {
  std::vector<Rows> chosen(differences.size());
  for (std::size_t g = 0; g < differences.size(); ++g) {
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (seen[i] == wanted) chosen[g].push_back(differences[g][i]);
    }
  }
  return chosen;
}

void warn_of_impossible(const SetNllGain& gain, const Rows& differences,
                        std::vector<std::string>& warnings) {
  const auto finite = std::count_if(differences.begin(), differences.end(), is_finite);
  const auto impossible = static_cast<std::ptrdiff_t>(differences.size()) - finite;
  if (impossible == 0) return;
  warnings.push_back(fmt::format(
      "Rows of test with probability 0 under {} or {}: {}. Where they count there is no "
      "mean gain in set NLL of the one over the other.",
      gain.system, gain.opponent, impossible));
}

void test_gains(const std::vector<Rows>& differences, const ResamplingOptions& options,
                std::vector<SetNllGain>& gains) {
  ProgressStage progress(options.progress, "tests of set NLL", "gains", gains.size());
  ResamplingOptions quiet = options;
  quiet.progress = {};
  std::vector<double> p;
  for (std::size_t g = 0; g < gains.size(); ++g) {
    if (gains[g].all.interval) {
      gains[g].p_permutation = sign_flip_p(differences[g], quiet);
      p.push_back(*gains[g].p_permutation);
    }
    progress.advance();
  }
  progress.finish();
  const std::vector<double> adjusted = holm(p);
  auto next = adjusted.begin();
  for (SetNllGain& gain : gains) {
    if (gain.p_permutation) gain.p_adjusted = *next++;
  }
}

}  // namespace

SetNllGains set_nll_gains(std::span<const SystemSetNll> systems, const std::vector<bool>& seen,
                          const ResamplingOptions& options) {
  check_resampling(options);
  std::vector<Rows> nll;
  for (const SystemSetNll& system : systems) nll.push_back(row_means(system, seen.size()));
  SetNllGains found;
  std::vector<Rows> differences;  // [gains][n]
  for (std::size_t s = 0; s < systems.size(); ++s) {
    for (std::size_t o = 0; o < s; ++o) {
      SetNllGain& gain = found.gains.emplace_back();
      gain.system = systems[s].system;
      gain.opponent = systems[o].system;
      Rows& rows = differences.emplace_back(seen.size());
      for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = nll[o][i] - nll[s][i];
      warn_of_impossible(gain, rows, found.warnings);
    }
  }
  if (found.gains.empty()) return found;
  measure_part(differences, &SetNllGain::all, "all", options, found);
  measure_part(rows_where(differences, seen, true), &SetNllGain::seen, "seen", options, found);
  measure_part(rows_where(differences, seen, false), &SetNllGain::unseen, "unseen", options, found);
  test_gains(differences, options, found.gains);
  return found;
}

}  // namespace labelbeam::eval
