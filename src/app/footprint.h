// Measuring what connections and records cost a server of our own.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "app/settings.h"
#include "base/error.h"
#include "load/capacity.h"

namespace playhead {

struct FootprintRequest {
  std::filesystem::path folder;
  std::vector<int> cores;
  std::uint32_t connections = 5'000;
  std::uint32_t records = 1'000'000;
};

/// Fills the members of `footprint` that need no load: at rest, a connection's, a record's. Starts
/// and ends servers over data folders in `folder`. Takes a minute; fails soon after `stop_asked`.
/// What could not be weighed has a count of 0.
Result<void> measure_footprint(const Settings& settings, const FootprintRequest& request,
                               const std::atomic<bool>& stop_asked, Footprint& footprint);

}  // namespace playhead
