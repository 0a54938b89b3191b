// What a capacity search has found, as values that can be kept in a file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace playhead {

/// One run at one rate.
struct CapacityRun {
  double rate_per_s = 0;  ///< asked for
  double succeeded_per_s = 0;
  double p50_us = 0;
  double p99_us = 0;
  std::uint64_t errors = 0;
  /// CPU of the server process for each request, in microseconds; 0 where it is not ours to see.
  double server_cpu_us = 0;
  /// What it gave to the disk for each report: log, flushes, compactions; 0 where it
  /// was not seen.
  double written_bytes = 0;
  bool kept = false;               ///< the objective
  bool generator_limited = false;  ///< it tells of the generator, not of the server
};

/// The search with one number of event loops.
struct ThreadCapacity {
  unsigned threads = 0;  ///< 0: a server that runs elsewhere
  /// The generator had no core of its own: the server would do better.
  bool shared_cores = false;
  std::vector<CapacityRun> runs;
  /// The highest rate that was kept; 0 where none was.
  double knee_per_s = 0;
  /// The search ended before the server did: its limit is at least the knee.
  bool at_least = false;
};

/// What things cost in memory and on disk, in bytes.
struct Footprint {
  double at_rest = 0;         ///< resident, with nothing stored
  double under_load = 0;      ///< resident at the end of the runs: caches and memtables are in it
  double per_connection = 0;  ///< resident, of an idle one
  double per_connection_kernel = 0;  ///< the kernel's, of its socket; 0: not seen
  std::uint64_t connections = 0;
  double per_record_memory = 0;  ///< resident after a restart; 0: too few to weigh it
  double per_record_disk = 0;
  std::uint64_t records = 0;
};

struct CapacityResult {
  std::string machine;
  std::string version;
  std::string date;
  std::string slo;
  double reads_percent = 20;
  std::int64_t beat_ms = 10'000;
  /// That the requests went over; a viewer of a plan has one of its own.
  std::uint64_t connections = 0;
  std::vector<ThreadCapacity> threads;
  Footprint footprint;
};

std::string capacity_json(const CapacityResult& result);
/// Reads what capacity_json wrote; the error names what is missing.
Result<CapacityResult> parse_capacity(const std::string& text);

}  // namespace playhead
