// Bracketing, bisecting, fitting.
#include "load/knee.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

namespace playhead {
namespace {

enum class RateVerdict { kept, missed, generator };

// Runs a rate until more than half of the runs say the same.
Result<RateVerdict> judge(const MeasureRate& measure, const KneeSearch& search, double rate_per_s,
                          std::vector<CapacityRun>& runs) {
  const unsigned majority = search.repeats / 2 + 1;
  unsigned kept = 0;
  unsigned missed = 0;
  unsigned by_generator = 0;
  while (kept < majority && missed < majority) {
    const auto run = measure(rate_per_s);
    if (!run) return tl::unexpected(run.error());
    runs.push_back(*run);
    ++(run->kept ? kept : missed);
    if (!run->kept && run->generator_limited) ++by_generator;
  }
  if (kept >= majority) return RateVerdict::kept;
  return 2 * by_generator > missed ? RateVerdict::generator : RateVerdict::missed;
}

}  // namespace

Result<ThreadCapacity> find_knee(const MeasureRate& measure, const KneeSearch& search) {
  ThreadCapacity found;
  double rate_per_s = std::min(search.first_per_s, search.most_per_s);
  std::optional<double> missed_per_s;
  bool by_generator = false;
  for (unsigned tried = 0; tried < search.rates_max; ++tried) {
    const auto verdict = judge(measure, search, rate_per_s, found.runs);
    if (!verdict) return tl::unexpected(verdict.error());
    if (*verdict == RateVerdict::kept) {
      found.knee_per_s = rate_per_s;
    } else {
      missed_per_s = rate_per_s;
      by_generator = *verdict == RateVerdict::generator;
    }
    if (!missed_per_s) {
      if (rate_per_s >= search.most_per_s) break;
      rate_per_s = std::min(2 * rate_per_s, search.most_per_s);
      continue;
    }
    if (found.knee_per_s > 0 && *missed_per_s <= found.knee_per_s * (1 + search.precision)) break;
    rate_per_s = found.knee_per_s > 0 ? (found.knee_per_s + *missed_per_s) / 2 : rate_per_s / 2;
    if (rate_per_s < 1) break;
  }
  found.at_least = !missed_per_s || by_generator;
  return found;
}

CapacityRun median_at_knee(const ThreadCapacity& capacity) {
  std::vector<CapacityRun> runs;
  for (const CapacityRun& run : capacity.runs) {
    if (run.rate_per_s == capacity.knee_per_s && run.kept) runs.push_back(run);
  }
  if (runs.empty()) return {};
  const auto middle = runs.begin() + static_cast<std::ptrdiff_t>(runs.size() / 2);
  std::nth_element(runs.begin(), middle, runs.end(),
                   [](const CapacityRun& a, const CapacityRun& b) { return a.p99_us < b.p99_us; });
  return *middle;
}

double Scaling::rate_at(double threads) const {
  return first_per_s * threads / (1 + sigma * (threads - 1) + kappa * threads * (threads - 1));
}

// With first = rate(1) known, n first / rate(n) - 1 = sigma (n - 1) + kappa n (n - 1) is linear in
// sigma and kappa.
Scaling fit_scaling(const std::vector<ThreadCapacity>& searches) {
  Scaling scaling;
  for (const ThreadCapacity& one : searches) {
    if (one.threads == 1 && !one.shared_cores) scaling.first_per_s = one.knee_per_s;
  }
  if (scaling.first_per_s <= 0) return scaling;
  double aa = 0, ab = 0, bb = 0, ay = 0, by = 0;
  for (const ThreadCapacity& one : searches) {
    if (one.shared_cores || one.knee_per_s <= 0 || one.threads == 0) continue;
    ++scaling.points;
    const double n = one.threads;
    const double a = n - 1;
    const double b = n * (n - 1);
    const double y = n * scaling.first_per_s / one.knee_per_s - 1;
    aa += a * a;
    ab += a * b;
    bb += b * b;
    ay += a * y;
    by += b * y;
  }
  if (scaling.points < 2) return scaling;
  const double determinant = aa * bb - ab * ab;
  if (scaling.points > 2 && determinant > 1e-9) {
    scaling.sigma = (ay * bb - by * ab) / determinant;
    scaling.kappa = (by * aa - ay * ab) / determinant;
  }
  // Neither can help; what would be below zero is noise, and the other has all of it.
  if (scaling.points > 2 && scaling.sigma < 0) {
    scaling.sigma = 0;
    scaling.kappa = std::max(0.0, by / bb);
  } else if (scaling.points == 2 || scaling.kappa < 0) {
    scaling.kappa = 0;
    scaling.sigma = std::max(0.0, ay / aa);
  }
  return scaling;
}

std::string scaling_text(const Scaling& scaling) {
  if (scaling.points < 2) {
    return "how it scales with threads cannot be told here: the generator needs cores beside "
           "them, and only one number of threads had its own";
  }
  char text[200];
  if (scaling.points == 2) {
    std::snprintf(text, sizeof text,
                  "two numbers of threads: %.1f %% of the work runs one after another (Amdahl); "
                  "what threads lose to each other cannot be told from two",
                  scaling.sigma * 100);
  } else {
    std::snprintf(text, sizeof text,
                  "fitted over %u numbers of threads: %.1f %% of the work runs one after another, "
                  "and each pair of threads costs %.2f %%",
                  scaling.points, scaling.sigma * 100, scaling.kappa * 100);
  }
  return text;
}

}  // namespace playhead
