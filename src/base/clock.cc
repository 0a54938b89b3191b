// The machine's clock, made monotonic within the process.
#include "base/clock.h"

#include <atomic>

namespace playhead {
namespace {

// Shared by every SystemClock of the process: "never back" is a promise about the process.
std::atomic<std::int64_t> latest_ms{0};

}  // namespace

Instant SystemClock::now() {
  using std::chrono::milliseconds;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t now_ms = std::chrono::duration_cast<milliseconds>(since_epoch).count();
  std::int64_t seen_ms = latest_ms.load(std::memory_order_relaxed);
  while (seen_ms < now_ms &&
         !latest_ms.compare_exchange_weak(seen_ms, now_ms, std::memory_order_relaxed)) {
  }
  return Instant{seen_ms < now_ms ? now_ms : seen_ms};
}

std::chrono::steady_clock::time_point SystemClock::steady() {
  return std::chrono::steady_clock::now();
}

}  // namespace playhead
