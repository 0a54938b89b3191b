// Deriving the resume point.
#include "domain/resume.h"

#include <algorithm>

#include "domain/lines.h"

namespace playhead {
namespace {

// A rewatch: another session moved the playhead after the title was finished. Without session ids
// a gap stands in for "another".
bool rewatched(const Playhead& playhead, const Finished& finished, const Policy& policy) {
  if (playhead.at <= finished.at) return false;
  if (!playhead.session.empty() && !finished.session.empty()) {
    return playhead.session != finished.session;
  }
  return playhead.at.ms - finished.at.ms >= policy.rewatch_gap_ms;
}

// Where a player starts. An unmarked title whose playhead stands at its end starts from the
// beginning.
std::optional<std::int64_t> resume_position(const Record& record, State state) {
  if (state == State::finished) return 0;
  if (state == State::in_progress) return position_ms(extent_of(*record.playhead));
  if (record.playhead || !record.opening) return 0;
  return position_ms(extent_of(*record.opening));
}

std::optional<std::int64_t> furthest_position(const Record& record, const Playhead* shown) {
  std::optional<std::int64_t> furthest;
  if (record.furthest) furthest = record.furthest->position_ms;
  // After "delete from history" the register may still hold an older, forgotten maximum.
  if (shown != nullptr) furthest = std::max(furthest, position_ms(extent_of(*shown)));
  return furthest;
}

}  // namespace

State state_of(const Record& record, const Policy& policy) {
  const auto& finished = record.finished;
  if (finished && finished->yes) {
    const bool again = record.playhead && rewatched(*record.playhead, *finished, policy);
    if (!again) return State::finished;
  }
  if (!record.playhead) return State::opened;
  // Unmarked after it was watched to the end: back to the beginning, not to the credits.
  const bool unmarked = finished && !finished->yes && finished->at >= record.playhead->at;
  if (unmarked && past_finish(extent_of(*record.playhead), policy)) return State::opened;
  return State::in_progress;
}

std::optional<ResumePoint> resume_point(std::string_view video_id, const Record& record,
                                        const Policy& policy) {
  const bool marked = record.finished && record.finished->yes;
  if (!record.playhead && !record.opening && !marked) return std::nullopt;

  const Playhead* shown = nullptr;
  if (record.playhead) {
    shown = &*record.playhead;
  } else if (record.opening) {
    shown = &*record.opening;
  }

  ResumePoint point;
  point.video_id = video_id;
  point.state = state_of(record, policy);
  point.resume_position_ms = resume_position(record, point.state);
  point.furthest_position_ms = furthest_position(record, shown);
  if (marked) point.finished_at = record.finished->at;
  if (shown != nullptr) {
    const Extent extent = extent_of(*shown);
    point.position_ms = position_ms(extent);
    point.duration_ms = shown->duration_ms;
    point.percent_bp = percent_bp(extent);
    point.watched_at = shown->at;
    point.device = shown->device;
    point.series = shown->series;
  } else {
    point.watched_at = record.finished->at;
  }
  return point;
}

}  // namespace playhead
