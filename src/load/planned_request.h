// One request that a generator is going to send, decided before it is sent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "domain/report.h"

namespace playhead {

/// What viewers ask for.
enum class LoadRoute : std::uint8_t { report, row, resume_point };
constexpr std::array<std::string_view, 3> kLoadRouteNames = {
    "POST /v1/progress", "GET /v1/keep-watching", "GET /v1/progress/{video_id}"};
constexpr std::size_t kLoadRoutes = kLoadRouteNames.size();

/// A value. Times are nanoseconds since the start of the run. Viewers are counted within their
/// loop.
struct PlannedRequest {
  std::int64_t due_ns = 0;
  std::uint32_t viewer = 0;
  std::uint32_t video = 0;
  std::uint32_t session = 0;
  std::uint32_t seq = 0;
  std::uint32_t position_ms = 0;
  LoadRoute route = LoadRoute::report;
  Event event = Event::tick;
};

constexpr std::int64_t kMicrosecondNs = 1'000;
constexpr std::int64_t kMillisecondNs = 1'000'000;
constexpr std::int64_t kSecondNs = 1'000'000'000;

}  // namespace playhead
