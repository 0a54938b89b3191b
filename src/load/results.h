// What a load run has measured.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "load/histogram.h"
#include "load/planned_request.h"

namespace playhead {

/// Latencies are told to three digits from a microsecond to an hour.
constexpr std::uint64_t kLatencyUsMax = 3'600'000'000;
constexpr unsigned kLatencyDigits = 3;
constexpr unsigned kSlotDigits = 2;
/// A page's picture has about this many points over time.
constexpr std::int64_t kTimeSlots = 240;

/// The requests of one route.
struct RouteResult {
  /// From the time a request was due to its answer, in microseconds.
  DigitHistogram latency_us{kLatencyDigits, kLatencyUsMax};
  /// From its writing to its answer.
  DigitHistogram service_us{kLatencyDigits, kLatencyUsMax};
  /// Successes that came while measuring, whenever they were due: what comes after the end, when
  /// nothing falls due any more, is no throughput.
  std::uint64_t in_time = 0;
};

/// How often one kind of answer, or of trouble instead of one, came.
struct AnswerCount {
  LoadRoute route = LoadRoute::report;
  /// 0 where there was no answer; then `code` says why.
  unsigned status = 0;
  std::string code;
  std::uint64_t count = 0;
};

/// A piece of the measured time.
struct TimeSlot {
  DigitHistogram latency_us{kSlotDigits, kLatencyUsMax};  ///< of requests that were due in it
  std::uint64_t due = 0;
  std::uint64_t answered = 0;  ///< answers that came in it, whenever they were due
  std::uint64_t errors = 0;    ///< of requests that were due in it
};

/// The part of one loop, or after `merge` of all. A value.
struct LoadResult {
  explicit LoadResult(std::int64_t measured_ns = 0);
  void merge(const LoadResult& other);

  void count_answer(LoadRoute route, unsigned status, std::string_view code);

  /// When the measured part began; set for the whole run.
  Instant started_at;
  std::int64_t slot_ns;
  std::int64_t measured_ns;
  std::array<RouteResult, kLoadRoutes> routes;
  std::vector<TimeSlot> slots;
  /// At most kAnswerKindsMax; further ones count as "other".
  std::vector<AnswerCount> answers;
  /// How long requests waited for the generator though nothing else was missing, in microseconds.
  DigitHistogram lag_us{kLatencyDigits, kLatencyUsMax};
  /// Of the requests that were due while measuring: all, those with success, those that had to wait
  /// for a connection.
  std::uint64_t due = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t waited_for_connection = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t connects = 0;
  std::uint64_t connects_failed = 0;
  /// The share of its time that the busiest loop was not waiting, 0..1.
  double busy = 0;

  std::uint64_t errors() const { return due - succeeded; }
  /// Successes a second while measuring.
  double in_time_per_s() const;
  DigitHistogram latency_us() const;
  DigitHistogram service_us() const;
};

constexpr std::size_t kAnswerKindsMax = 64;

/// Whether an answer is what a player hopes for; "nothing watched yet" is an answer like another.
bool is_success(LoadRoute route, unsigned status);

/// Whether the numbers tell of the generator, not of the server alone: its loops had no time left,
/// or sent late though a connection was free. "" where it kept up, else a sentence.
std::string generator_limit(const LoadResult& result);
/// Whether its loops had no time left. Else a limit is that it was not let onto a core.
bool generator_full(const LoadResult& result);

}  // namespace playhead
