// What a viewer can ask to be written, beside reports.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "domain/report.h"

namespace playhead {

/// An explicit act on one video.
enum class Act : std::uint8_t {
  forget,          ///< delete from history
  hide,            ///< remove from the row until it moves again
  unhide,          ///< the undo of that
  mark_watched,    ///< finished, though it was not played to the end
  unmark_watched,  ///< not finished after all
};

/// Borrows its strings.
struct VideoAct {
  Act act = Act::forget;
  std::string_view profile;
  std::string_view video_id;
};

/// Erasure of one profile, or of the whole account where none is named. Borrows its strings.
struct EraseAct {
  std::optional<std::string_view> profile;
};

using Command = std::variant<Report, VideoAct, EraseAct>;

/// When a request was received: by the wall for what is stored, by the steady clock for ages.
struct ReceivedAt {
  Instant wall;
  std::chrono::steady_clock::time_point steady;
};

/// Who goes first when the queue fills: ordinary ticks are refused before explicit acts, since the
/// next tick tells what the refused one would have.
enum class Priority : std::uint8_t { ordinary, reserved };
Priority priority_of(const Command& command);

/// The profile a command speaks for; "" is the account's own.
std::string_view profile_of(const Command& command);

/// The registers an act writes when it happened at `at`. Pure.
Record act_delta(Act act, Instant at);

}  // namespace playhead
