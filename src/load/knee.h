// The highest rate that keeps an objective: a search over runs.
#pragma once

#include <functional>

#include "base/error.h"
#include "load/capacity.h"

namespace playhead {

/// Runs a load at this rate.
using MeasureRate = std::function<Result<CapacityRun>(double)>;

struct KneeSearch {
  double first_per_s = 2'000;
  /// No rate above is tried.
  double most_per_s = 4e6;
  /// The search ends where the lowest rate that was missed is at most this much above the highest
  /// that was kept: what repeats of one rate differ by on a shared machine.
  double precision = 0.05;
  /// A rate is kept, or missed, by more than half of so many runs; odd.
  unsigned repeats = 3;
  /// No more rates than this are tried.
  unsigned rates_max = 20;
};

/// Doubles the rate until it is missed, or halves it until it is kept, then bisects. The error is
/// that of a run.
Result<ThreadCapacity> find_knee(const MeasureRate& measure, const KneeSearch& search);

/// The median of the runs at the knee: what the server did there.
CapacityRun median_at_knee(const ThreadCapacity& capacity);

/// How a rate grows with event loops, by Gunther's Universal Scalability Law:
/// rate(n) = first * n / (1 + sigma (n - 1) + kappa n (n - 1)). kappa needs three numbers of loops,
/// sigma two; with fewer they are 0 and mean nothing.
struct Scaling {
  double first_per_s = 0;
  double sigma = 0;  ///< what runs one after another
  double kappa = 0;  ///< what loops tell each other
  unsigned points = 0;
  double rate_at(double threads) const;
};

/// Least squares over the searches that had cores of their own, one with a single loop among them.
Scaling fit_scaling(const std::vector<ThreadCapacity>& searches);

/// What the fit can say and what it cannot, a sentence.
std::string scaling_text(const Scaling& scaling);

}  // namespace playhead
