// The result of a run as a table for people and as JSON for programs.
#pragma once

#include <string>

#include "load/load_run.h"
#include "load/options.h"
#include "load/results.h"

namespace playhead {

/// Latency and service time of each route, what was answered, and what limited the run.
std::string load_table(const LoadOptions& options, const LoadResult& result);

/// The same and the course over time, as one JSON object; docs/load.md names its members.
std::string load_json(const LoadOptions& options, const LoadResult& result);

/// One line without its end.
std::string progress_line(const LoadProgress& progress);

}  // namespace playhead
