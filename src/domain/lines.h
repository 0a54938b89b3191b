// Percentages, and the start and finish lines, for reports and for stored playheads alike.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/policy.h"

namespace playhead {

/// How far into a title: what a report says and what a playhead register stores of it.
struct Extent {
  std::optional<std::int64_t> position_ms;
  std::optional<std::int64_t> duration_ms;
  std::optional<std::int32_t> percent_bp;
  std::optional<std::int64_t> credits_ms;
};

template <typename T>
Extent extent_of(const T& from) {
  return {from.position_ms, from.duration_ms, from.percent_bp, from.credits_ms};
}

/// Milliseconds are the truth where known: percent from position and duration, else as given.
/// In hundredths of a percent, 0..10000; nullopt for a title without duration (live).
std::optional<std::int32_t> percent_bp(const Extent& extent);

/// Whether there is a percentage, without the division.
bool has_percent(const Extent& extent);

/// The position: as given, else from percent and duration, else nullopt.
std::optional<std::int64_t> position_ms(const Extent& extent);

/// Position 0 (or 0 %): nothing was watched yet.
bool at_zero(const Extent& extent);

/// At or past the start line: far enough to count as started.
bool past_start(const Extent& extent, const Policy& policy);

/// At or past the finish line: the credits position where it is known, else the policy's.
bool past_finish(const Extent& extent, const Policy& policy);

}  // namespace playhead
