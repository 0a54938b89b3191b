// The numbers behind the rules; each is a setting, and each says where its default comes from.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace playhead {

/// Thresholds of the domain rules. Percentages are in hundredths of a percent (basis points).
struct Policy {
  /// Start line: the earlier of the two (Google TV "Watch Next" guide).
  std::int64_t start_position_ms = 120 * kSecondMs;
  std::int32_t start_percent_bp = 300;
  /// Finish line where the credits position is not known: 90 % (Jellyfin, Kodi, Plex), or at
  /// most three minutes left (Google TV) of a title long enough for that to mean credits.
  std::int32_t finish_percent_bp = 9000;
  std::int64_t finish_left_ms = 180 * kSecondMs;
  std::int64_t finish_left_min_duration_ms = 15 * kMinuteMs;
  /// Shorter titles are stored but never listed (Jellyfin; Google TV "no clips").
  std::int64_t short_title_ms = 300 * kSecondMs;
  /// Without session ids, a playhead this much later than `finished` belongs to a rewatch.
  std::int64_t rewatch_gap_ms = 30 * kMinuteMs;
  /// How long a title stays in the row after it was last watched.
  std::int64_t row_window_ms = 90 * kDayMs;
};

/// The oldest age a report may claim, and so the oldest `at` a player can write.
constexpr std::int64_t kReportAgeMaxMs = 30 * kDayMs;

}  // namespace playhead
