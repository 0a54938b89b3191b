// What the viewers of a load run do: what they watch, when they pause, stop and look around.
#pragma once

#include <cstdint>
#include <vector>

#include "load/planned_request.h"

namespace playhead {

/// Length of a title in milliseconds, by its number: episodes, dramas, films and long events in the
/// shares of a streaming catalogue.
std::uint32_t title_duration_ms(std::uint32_t video);

/// Numbers that look random and are the same in every run of one seed (SplitMix64, Steele et al.).
std::uint64_t mixed(std::uint64_t value);

struct ViewerHabits {
  std::int64_t beat_ms = 10'000;
  double reads_percent = 20;
  std::uint32_t videos = 2'000;
  std::uint64_t seed = 1;
};

/// The viewers of one loop, each a small state machine. At the start everyone is in the middle of a
/// title. A session reads the row and the resume point of its title, then reports at every beat
/// (give or take 10 %), pauses now and then, seeks forward, and ends by stopping or by reaching the
/// end; the next one is of the next title, so that within a run the position of a viewer in a video
/// only grows. In between viewers look at the row or a resume point as often as the share of reads
/// asks for. 28 bytes a viewer. Not thread safe.
class LoadViewers {
 public:
  /// Viewer i of this loop is number `first + i * stride` of all.
  LoadViewers(std::uint32_t count, std::uint32_t first, std::uint32_t stride,
              const ViewerHabits& habits);

  struct Step {
    PlannedRequest request;  ///< without a due time
    std::int64_t then_ns;    ///< until this viewer's next one
  };
  /// What the viewer does now.
  Step step(std::uint32_t viewer);

  std::uint32_t count() const { return static_cast<std::uint32_t>(viewers_.size()); }
  std::uint32_t number_of(std::uint32_t viewer) const { return first_ + viewer * stride_; }
  /// The first beat of a viewer, anywhere within one.
  std::int64_t first_phase_ns(std::uint32_t viewer);

 private:
  enum class Phase : std::uint8_t { looking, opening, starting, watching, paused, browsing };

  struct Viewer {
    std::uint32_t steps = 0;
    std::uint32_t session = 0;
    std::uint32_t seq = 0;
    std::uint32_t position_ms = 0;
    std::uint32_t moves_ms = 0;  ///< how far the next tick is
    std::uint32_t rest_ms = 0;   ///< what is left of the beat after a look around
    Phase phase = Phase::watching;
  };

  double random(std::uint32_t viewer);
  std::uint32_t between_ms(std::uint32_t viewer, double from_ms, double to_ms);
  std::uint32_t video_of(std::uint32_t viewer) const;
  Step report(std::uint32_t viewer, Event event, std::uint32_t then_ms);
  Step look(std::uint32_t viewer, LoadRoute route, std::uint32_t then_ms);
  Step watch(std::uint32_t viewer);
  Step watch_on(std::uint32_t viewer, Event event);
  Step end_session(std::uint32_t viewer, Event event);

  std::uint32_t first_;
  std::uint32_t stride_;
  ViewerHabits habits_;
  double reads_a_report_;
  double reads_owed_ = 0;
  std::vector<Viewer> viewers_;
};

}  // namespace playhead
