// What a server holds: a search for each number of threads, and what it weighs.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/error.h"
#include "load/capacity.h"
#include "load/options.h"
#include "load/plan.h"

namespace playhead {

/// What the command line says; durations are texts such as 5s.
struct CapacityRequest {
  /// A plan has one a viewer, so a search wants many; an address may have 10,000 by default.
  static constexpr std::size_t kConnections = 8'192;

  CapacityRequest() { options.connections = kConnections; }

  LoadOptions options;
  PlanAssumptions assumptions;
  std::vector<std::uint64_t> audiences;
  /// "": a server of our own is started, for each number of threads.
  std::string target;
  bool allow_remote = false;
  std::string tokens_file;
  unsigned threads_max = 0;  ///< 0: one for each core
  std::string duration = "5s";
  std::string warmup = "1s";
  std::string slo = "p99=30ms,errors=0";
  unsigned repeats = 3;
  double first_per_s = 1'000;  ///< low, for what a report writes there too
  double most_per_s = 4e6;
  std::uint32_t idle_connections = 5'000;
  std::uint32_t records = 1'000'000;
  std::string folder;  ///< "": one in the working directory, removed afterwards
  std::string json_file;
  std::string html_file;
  std::string from_file;  ///< of `plan`
};

/// Searches the highest rate that keeps the SLO, with servers of its own or at the target, and
/// tells of each run on standard error. Takes minutes; once `stop_asked` it fails after what is
/// under way. The error says what in the request is wrong, or why a server could not be started or
/// loaded.
Result<CapacityResult> search_capacity(const Settings& settings, const CapacityRequest& request,
                                       const std::atomic<bool>& stop_asked);

}  // namespace playhead
