// From a report to the registers it writes.
#include "domain/report.h"

#include <algorithm>

#include "domain/lines.h"

namespace playhead {
namespace {

bool moved(const Report& report, const LiveSession& live) {
  // Milliseconds are the truth where known: a percentage that only jitters is no movement. A
  // session that changes how it counts has moved.
  if (report.position_ms || live.position_ms) return report.position_ms != live.position_ms;
  return report.percent_bp != live.percent_bp;
}

bool is_duplicate(const Report& report, const LiveSession& live) {
  return !report.session.empty() && report.seq && live.seq && *report.seq <= *live.seq;
}

Playhead playhead_of(const Report& report, Instant at) {
  Playhead playhead;
  playhead.at = at;
  playhead.session = report.session;
  playhead.seq = report.session.empty() ? 0 : report.seq.value_or(0);
  playhead.position_ms = report.position_ms;
  playhead.duration_ms = report.duration_ms;
  playhead.percent_bp = report.percent_bp;
  playhead.credits_ms = report.credits_ms;
  playhead.device = report.device;
  playhead.series = report.series;
  return playhead;
}

// The movement a report carries, or why it carries none.
Verdict movement(const Report& report, const LiveSession* live) {
  if (at_zero(extent_of(report))) return Verdict::nothing_watched;
  const bool first_seen = live == nullptr;
  if (first_seen) return report.event == Event::play ? Verdict::nothing_watched : Verdict::written;
  return moved(report, *live) ? Verdict::written : Verdict::unmoved;
}

}  // namespace

Instant true_at(const Report& report, Instant received_at) {
  const std::int64_t age_ms = std::clamp<std::int64_t>(report.age_ms, 0, kReportAgeMaxMs);
  return Instant{std::max<std::int64_t>(received_at.ms - age_ms, 1)};
}

Decision decide(const Report& report, Instant at, const LiveSession* live, const Policy& policy) {
  if (report.is_private) return {Verdict::private_session, {}};
  if (live != nullptr && is_duplicate(report, *live)) return {Verdict::duplicate, {}};
  const Extent extent = extent_of(report);
  Decision decision{movement(report, live), {}};
  if (decision.verdict == Verdict::written) {
    auto& place = past_start(extent, policy) ? decision.delta.playhead : decision.delta.opening;
    place = playhead_of(report, at);
    decision.delta.furthest = Furthest{position_ms(extent), report.percent_bp, at};
  }
  // A player that jumps back to 0 when the title ends has still finished it.
  const bool crossed = decision.verdict == Verdict::written && past_finish(extent, policy);
  if (report.event == Event::ended || crossed) {
    decision.verdict = Verdict::written;
    decision.delta.finished = Finished{at, true, report.session};
  }
  return decision;
}

LiveSession remember(const Report& report, Instant at, const LiveSession* live) {
  const LiveSession told{at, report.seq, report.position_ms, report.percent_bp};
  if (live == nullptr) return told;
  LiveSession next = at < live->at ? *live : told;
  next.seq = std::max(told.seq, live->seq);  // none is less than any
  return next;
}

}  // namespace playhead
