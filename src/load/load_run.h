// A whole run of the load generator: its threads, its progress, its result.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "load/acknowledged.h"
#include "load/options.h"
#include "load/results.h"

namespace playhead {

/// Where a run stands, told once a second.
struct LoadProgress {
  double second = 0;
  double answers_per_s = 0;  ///< since it was told last
  std::uint64_t p99_us = 0;  ///< of the last second, of the slowest loop
  std::uint64_t errors = 0;
  std::uint64_t waiting = 0;
};

struct LoadOutcome {
  LoadResult result;
  std::vector<Promise> promises;  ///< where `options.verify`
};

/// Runs it to its end, or to `stop`. Blocks; `tell` is called on this thread. The error says why
/// nothing could be sent.
Result<LoadOutcome> run_load(const LoadOptions& options, const TokenOf& token_of, Clock& clock,
                             const std::function<void(const LoadProgress&)>& tell,
                             const std::atomic<bool>& stop);

}  // namespace playhead
