// `playhead serve`: run until asked to stop.
#pragma once

#include "app/mode.h"
#include "app/settings.h"

namespace playhead {

/// Serves until SIGTERM or SIGINT, then drains; a second one hastens. The exit code: 0 after a
/// drain, 1 where it could not start (the reason is in the log).
int serve(const Settings& settings, Mode mode);

}  // namespace playhead
