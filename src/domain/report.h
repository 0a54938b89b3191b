// What a player sends, and what the rules make of it: which registers it writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "domain/policy.h"
#include "domain/record.h"

namespace playhead {

enum class Event : std::uint8_t { tick, play, pause, seek, stop, ended };

/// One report, already checked: ids within their limits, position within the duration.
/// Borrows its strings. At least one of position_ms and percent_bp is known, or event is `ended`.
struct Report {
  std::string_view video_id;
  std::string_view profile;
  std::optional<std::int64_t> position_ms;
  std::optional<std::int64_t> duration_ms;
  std::optional<std::int32_t> percent_bp;
  std::optional<std::int64_t> credits_ms;
  Event event = Event::tick;
  /// How long ago the position was true, by the player's own clock.
  std::int64_t age_ms = 0;
  /// "" where the player does not say; `seq` means nothing then.
  std::string_view session;
  std::optional<std::uint64_t> seq;
  std::string_view device;
  std::optional<Series> series;
  bool is_private = false;
};

/// The server time at which a report was true: `received_at` less its age, which is clamped to
/// 0..30 days, so that a wrong player clock cannot reach into the future or past an erasure.
Instant true_at(const Report& report, Instant received_at);

/// What the command side remembers of a playback that is going on.
struct LiveSession {
  /// When its position was true.
  Instant at;
  std::optional<std::uint64_t> seq;
  std::optional<std::int64_t> position_ms;
  std::optional<std::int32_t> percent_bp;
};

/// What became of a report. Every one of them is answered with success.
enum class Verdict : std::uint8_t {
  written,          ///< it carries registers to merge
  duplicate,        ///< its seq is not greater than the last seen of its session
  unmoved,          ///< its position did not move since its session's last report
  nothing_watched,  ///< position 0, or `play` before any movement
  private_session,  ///< the viewer asked for nothing to be kept
};

struct Decision {
  Verdict verdict = Verdict::written;
  /// What to merge; empty unless `verdict` is `written`. Borrows the report's strings.
  Record delta;
};

/// Decides what a report writes. `live` is what is known of its session, or null: then the report
/// is believed. Pure; the delta holds only maxima, so that applying it twice does no harm.
Decision decide(const Report& report, Instant at, const LiveSession* live, const Policy& policy);

/// What to remember of the session once `report`, true at `at`, is durable: the newest seq, and the
/// position that was true last, whichever came last.
LiveSession remember(const Report& report, Instant at, const LiveSession* live);

}  // namespace playhead
