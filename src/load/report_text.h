// The result of a run as a table for people and as JSON for programs.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "load/histogram.h"
#include "load/load_run.h"
#include "load/options.h"
#include "load/results.h"

namespace playhead {

/// What is told of latencies, in columns.
constexpr std::array<const char*, 6> kLatencyHeads = {"avg", "p50", "p95", "p99", "p99.9", "max"};
/// A cell for each of these, with its unit.
std::array<std::string, kLatencyHeads.size()> latency_cells(const DigitHistogram& histogram_us);

/// Latency and service time of each route, what was answered, and what limited the run.
std::string load_table(const LoadOptions& options, const LoadResult& result);

/// The same and the course over time, as one JSON object; docs/load.md names its members. `missed`
/// is what the run missed of the objective.
std::string load_json(const LoadOptions& options, const LoadResult& result,
                      const std::string& objective, const std::vector<std::string>& missed);

/// One line without its end.
std::string progress_line(const LoadProgress& progress);

}  // namespace playhead
