// What one event loop counts.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/counter.h"

namespace playhead {

/// The statuses we answer, in the order of the counters; the last stands for any other.
constexpr std::array<unsigned, 19> kCountedStatuses = {
    200, 204, 206, 304, 400, 401, 404, 405, 408, 413, 415, 416, 422, 429, 431, 500, 503, 505, 0};

/// Requests of one route.
struct RouteStats {
  std::array<Counter, kCountedStatuses.size()> by_status;
  LatencyHistogram latency_us{kLatencyBoundsUs};

  void count(unsigned status) {
    std::size_t i = 0;
    while (i + 1 < kCountedStatuses.size() && kCountedStatuses[i] != status) ++i;
    by_status[i].add();
  }
};

/// One writer (the loop), any reader. `routes` has one more than the table: what matched none.
struct LoopStats {
  explicit LoopStats(std::size_t routes_count) : routes(routes_count + 1) {}

  std::vector<RouteStats> routes;
  Counter connections_accepted;
  Counter connections_refused;
  Counter addresses_refused;
  Counter accept_failures;
  Counter connections_closed;
  Counter timeouts;
};

}  // namespace playhead
