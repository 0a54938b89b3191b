// What a server serves.
#pragma once

#include <cstdint>

namespace playhead {

/// The API alone, or with the demo's page and its sign-in.
enum class Mode : std::uint8_t { api, demo };

}  // namespace playhead
