// The habits of viewers, with their numbers.
#include "load/viewers.h"

#include <algorithm>
#include <array>

namespace playhead {
namespace {

constexpr std::uint32_t kMinuteMs32 = 60'000;

// Lengths in minutes, and how many of a hundred titles are of that kind.
struct Kind {
  unsigned percent;
  unsigned from_min;
  unsigned to_min;
};
constexpr std::array<Kind, 4> kKinds = {{
    {35, 20, 26},   // half-hour episodes
    {35, 41, 58},   // hour-long episodes
    {25, 84, 140},  // films
    {5, 120, 200},  // matches, concerts
}};

// Of a thousand beats: stops (a session lasts 30 minutes on average where its title does), pauses,
// seeks. Round numbers in the range that streaming houses publish; the store does not care.
constexpr double kStopShare = 0.005;
constexpr double kPauseShare = 0.015;
constexpr double kSeekShare = 0.010;
constexpr std::uint32_t kSeekMs = 30'000;

constexpr double kJitter = 0.1;

}  // namespace

std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

std::uint32_t title_duration_ms(std::uint32_t video) {
  const std::uint64_t drawn = mixed(video);
  auto percent = static_cast<unsigned>(drawn % 100);
  const Kind* kind = kKinds.data();
  while (percent >= kind->percent) percent -= (kind++)->percent;
  const std::uint32_t range_ms = (kind->to_min - kind->from_min) * kMinuteMs32;
  return kind->from_min * kMinuteMs32 + static_cast<std::uint32_t>((drawn >> 32U) % range_ms);
}

LoadViewers::LoadViewers(std::uint32_t count, std::uint32_t first, std::uint32_t stride,
                         const ViewerHabits& habits)
    : first_(first),
      stride_(stride),
      habits_(habits),
      reads_a_report_(habits.reads_percent / (100 - habits.reads_percent)),
      viewers_(count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    Viewer& viewer = viewers_[i];
    viewer.session = static_cast<std::uint32_t>(mixed(number_of(i) ^ habits.seed) % habits.videos);
    const double share = 0.85 * random(i);
    viewer.position_ms = 1'000 + static_cast<std::uint32_t>(share * title_duration_ms(video_of(i)));
    viewer.moves_ms = static_cast<std::uint32_t>(habits.beat_ms);
    viewer.rest_ms = viewer.moves_ms / 2;
    if (100 * random(i) < habits.reads_percent) viewer.phase = Phase::browsing;
  }
}

double LoadViewers::random(std::uint32_t viewer) {
  const std::uint64_t of_viewer = mixed(habits_.seed ^ (std::uint64_t{number_of(viewer)} << 32U));
  return static_cast<double>(mixed(of_viewer + viewers_[viewer].steps++) >> 11U) * 0x1p-53;
}

std::uint32_t LoadViewers::between_ms(std::uint32_t viewer, double from_ms, double to_ms) {
  return static_cast<std::uint32_t>(from_ms + (to_ms - from_ms) * random(viewer));
}

std::int64_t LoadViewers::first_phase_ns(std::uint32_t viewer) {
  return static_cast<std::int64_t>(random(viewer) * static_cast<double>(habits_.beat_ms) *
                                   kMillisecondNs);
}

// Sessions of a viewer go through the titles one after another, each viewer from another place.
std::uint32_t LoadViewers::video_of(std::uint32_t viewer) const {
  return (number_of(viewer) * 7'919U + viewers_[viewer].session) % habits_.videos;
}

LoadViewers::Step LoadViewers::report(std::uint32_t viewer, Event event, std::uint32_t then_ms) {
  Viewer& state = viewers_[viewer];
  reads_owed_ += reads_a_report_;
  return {{0, viewer, video_of(viewer), state.session, ++state.seq, state.position_ms,
           LoadRoute::report, event},
          then_ms * kMillisecondNs};
}

LoadViewers::Step LoadViewers::look(std::uint32_t viewer, LoadRoute route, std::uint32_t then_ms) {
  return {{0, viewer, video_of(viewer), 0, 0, 0, route, Event::tick}, then_ms * kMillisecondNs};
}

LoadViewers::Step LoadViewers::end_session(std::uint32_t viewer, Event event) {
  const Step last = report(viewer, event, between_ms(viewer, 1'000, 5'000));
  Viewer& state = viewers_[viewer];
  ++state.session;
  state.seq = state.position_ms = 0;
  state.phase = habits_.reads_percent > 0 ? Phase::looking : Phase::starting;
  return last;
}

// Reports, and plans the next tick; a look around may come before it.
LoadViewers::Step LoadViewers::watch_on(std::uint32_t viewer, Event event) {
  const double beat_ms = static_cast<double>(habits_.beat_ms);
  const std::uint32_t next_ms =
      between_ms(viewer, beat_ms * (1 - kJitter), beat_ms * (1 + kJitter));
  Step step = report(viewer, event, next_ms);
  Viewer& state = viewers_[viewer];
  state.moves_ms = next_ms;
  state.phase = Phase::watching;
  if (reads_owed_ < 1) return step;
  reads_owed_ -= 1;
  const std::uint32_t look_ms = between_ms(viewer, next_ms * 0.1, next_ms * 0.9);
  state.phase = Phase::browsing;
  state.rest_ms = next_ms - look_ms;
  step.then_ns = look_ms * kMillisecondNs;
  return step;
}

LoadViewers::Step LoadViewers::watch(std::uint32_t viewer) {
  Viewer& state = viewers_[viewer];
  const std::uint32_t duration_ms = title_duration_ms(video_of(viewer));
  state.position_ms = std::min(state.position_ms + state.moves_ms, duration_ms);
  if (state.position_ms == duration_ms) return end_session(viewer, Event::ended);
  double drawn = random(viewer);
  if (drawn < kStopShare) return end_session(viewer, Event::stop);
  drawn -= kStopShare;
  if (drawn < kPauseShare) {
    state.phase = Phase::paused;
    return report(viewer, Event::pause, between_ms(viewer, 15'000, 120'000));
  }
  drawn -= kPauseShare;
  if (drawn >= kSeekShare) return watch_on(viewer, Event::tick);
  state.position_ms = std::min(state.position_ms + kSeekMs, duration_ms);
  return watch_on(viewer, Event::seek);
}

LoadViewers::Step LoadViewers::step(std::uint32_t viewer) {
  Viewer& state = viewers_[viewer];
  switch (state.phase) {
    case Phase::looking:
      state.phase = Phase::opening;
      reads_owed_ -= 2;  // this one and the next
      return look(viewer, LoadRoute::row, between_ms(viewer, 500, 3'000));
    case Phase::opening:
      state.phase = Phase::starting;
      return look(viewer, LoadRoute::resume_point, between_ms(viewer, 300, 1'000));
    case Phase::starting:
    case Phase::paused:
      return watch_on(viewer, Event::play);
    case Phase::watching:
      return watch(viewer);
    case Phase::browsing:
      state.phase = Phase::watching;
      return look(viewer, random(viewer) < 0.5 ? LoadRoute::row : LoadRoute::resume_point,
                  state.rest_ms);
  }
  return watch(viewer);
}

}  // namespace playhead
