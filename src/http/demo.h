// What only the demo's server has.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/assets.h"

namespace playhead {

/// The demo's page and its sign-in. Immutable; shared by all loops, and outlives them.
struct Demo {
  Assets assets;
  /// The answer's JSON with a token for one of the demo's viewers; nullopt for anybody else. Thread
  /// safe.
  std::function<std::optional<std::string>(std::string_view viewer, Instant now)> sign_in;
};

}  // namespace playhead
