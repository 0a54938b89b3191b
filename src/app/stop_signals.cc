// A flag, which is all that a handler may touch.
#include "app/stop_signals.h"

#include <csignal>

namespace playhead {
namespace {

std::atomic<bool> stop_asked{false};

}  // namespace

const std::atomic<bool>& heed_stop_signals() {
  for (const int signal : {SIGINT, SIGTERM}) {
    std::signal(signal, [](int) { stop_asked.store(true); });
  }
  return stop_asked;
}

tl::unexpected<Error> stopped_by_signal() {
  return fail(ErrorCode::internal, "stopped by a signal");
}

}  // namespace playhead
