// What a subcommand that takes minutes hears of SIGINT and SIGTERM.
#pragma once

#include <atomic>

#include "base/error.h"

namespace playhead {

/// From now on these signals set the flag it returns, instead of ending the process: so that
/// folders and child processes of ours go, and results are told. The flag lives as long as the
/// process.
const std::atomic<bool>& heed_stop_signals();

/// What was asked to stop failed for that reason.
tl::unexpected<Error> stopped_by_signal();

}  // namespace playhead
