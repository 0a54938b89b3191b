// What a run of the load generator is asked to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/listen_address.h"

namespace playhead {

/// When requests fall due: independent of each other, or everyone at once at every beat.
enum class Arrivals : std::uint8_t { poisson, aligned };

/// Where requests go.
struct LoadTarget {
  ListenAddress address;
  /// For the Host header: as it was given.
  std::string host;
};

/// The token of one viewer, by number.
using TokenOf = std::function<std::string(std::uint32_t)>;

/// A viewer looks at something once after a report at most, so that half are reports.
constexpr double kReadsPercentMax = 50;

struct LoadOptions {
  LoadTarget target;
  /// Either viewers who report at every beat, or a rate of requests over as many viewers.
  std::uint32_t viewers = 0;
  std::optional<double> rate_per_s;
  /// Number of the first viewer: runs at the same time want viewers of their own.
  std::uint32_t first_viewer = 0;
  Arrivals arrivals = Arrivals::poisson;
  std::int64_t beat_ms = 10'000;
  /// Share of GETs among all requests.
  double reads_percent = 20;
  /// Titles there are; a viewer goes through them one after another.
  std::uint32_t videos = 2'000;
  std::uint64_t seed = 1;
  std::int64_t warmup_ms = 0;
  std::int64_t duration_ms = 30'000;
  /// How long an answer may take before its connection is given up.
  std::int64_t timeout_ms = 10'000;
  std::size_t connections = 256;
  std::size_t threads = 1;
  /// Requests that may wait for a connection, over all threads; further ones count as not sent.
  std::size_t waiting_max = 1'000'000;
  /// Remember what was acknowledged.
  bool verify = false;
  /// CPUs that the loops are bound to, in turn; empty: wherever the system puts them.
  std::vector<int> cores;
};

/// The most viewers there are, over all runs: their numbers have seven digits.
constexpr std::uint32_t kViewersMax = 10'000'000;

/// How many viewers a rate of requests needs so that each reports about once a beat.
std::uint32_t viewers_for(double rate_per_s, std::int64_t beat_ms);

/// One thread's part of so many viewers, connections or places to wait, as even as can be.
std::size_t share_of(std::size_t total, std::size_t index, std::size_t threads);

/// Reads "http://127.0.0.1:8080". A host must be an IP address or "localhost", and a loopback one
/// unless `allow_remote`: a typing error is not to become an attack. Errors say what to do.
Result<LoadTarget> parse_target(std::string_view url, bool allow_remote);

}  // namespace playhead
