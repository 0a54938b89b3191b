// The public API and the admin listener, as tables.
#pragma once

#include <span>

#include "http/router.h"

namespace playhead {

std::span<const Route> public_routes();
/// The public API, and behind it what the demo has.
std::span<const Route> public_and_demo_routes();
std::span<const Route> admin_routes();

}  // namespace playhead
