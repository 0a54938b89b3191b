// What a run must keep to be good: a service level objective.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "load/results.h"

namespace playhead {

/// Limits on one run. A value.
struct Slo {
  /// The latency of all routes at a percentile, in microseconds; 100 is the maximum.
  struct Latency {
    double percentile = 99;
    std::uint64_t most_us = 30'000;
  };
  std::vector<Latency> latencies;
  std::optional<std::uint64_t> mean_most_us;
  /// Errors, as a count or a share of the requests.
  std::optional<std::uint64_t> errors_most;
  std::optional<double> errors_percent_most;

  /// What a run of this result missed, a sentence each; none where it kept all.
  std::vector<std::string> missed_by(const LoadResult& result) const;
};

/// Reads "p99=30ms,p99.9=0.2s,avg=4ms,max=1s,errors=0,errors=0.1%". Units are us, ms and s. The
/// error says which part cannot be read.
Result<Slo> parse_slo(std::string_view text);

/// "850 us", "3.2 ms", "1.25 s": three digits at most.
std::string format_us(double value_us);

}  // namespace playhead
