// What is shown of a record: state and resume point, derived when read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "domain/policy.h"
#include "domain/record.h"

namespace playhead {

enum class State : std::uint8_t { opened, in_progress, finished };

/// Where to start a video again. Borrows its strings from the record. Milliseconds and hundredths
/// of a percent as in Playhead; what is not known is nullopt.
struct ResumePoint {
  std::string_view video_id;
  State state = State::opened;
  std::optional<std::int64_t> position_ms;
  std::optional<std::int64_t> duration_ms;
  std::optional<std::int32_t> percent_bp;
  /// Where a player starts: 0 when finished; nullopt when only a percentage is known.
  std::optional<std::int64_t> resume_position_ms;
  std::optional<std::int64_t> furthest_position_ms;
  Instant watched_at;
  std::optional<Instant> finished_at;
  std::string_view device;
  std::optional<Series> series;
};

/// How far a viewer is with a video, from its registers. Pure.
State state_of(const Record& record, const Policy& policy);

/// The resume point of a record, or nullopt where there is none: nothing watched and nothing
/// marked. `record` is as readers see it (`without`). Pure.
std::optional<ResumePoint> resume_point(std::string_view video_id, const Record& record,
                                        const Policy& policy);

}  // namespace playhead
