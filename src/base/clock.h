// Time as values, and the clock port through which everything but the domain learns of it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace playhead {

/// A point of server time in milliseconds since the Unix epoch; zero stands before everything.
struct Instant {
  std::int64_t ms = 0;
  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
};

constexpr std::int64_t kSecondMs = 1'000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

/// Where time comes from. Thread safe. Two implementations: the machine's clock, and a test's.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time. It never goes back within one process, so that an act that is received later is
  /// never older; a step of the machine's clock backwards holds it still until time catches up.
  virtual Instant now() = 0;
  /// Time that only moves forward at the pace of a second a second, for waits and ages.
  virtual std::chrono::steady_clock::time_point steady() = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  Instant now() override;
  std::chrono::steady_clock::time_point steady() override;
};

}  // namespace playhead
