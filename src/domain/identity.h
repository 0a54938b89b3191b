// Who a verified token speaks for.
#pragma once

#include <string>

#include "base/clock.h"

namespace playhead {

/// The bearer of a token that was verified. Shared between a loop's cache and its connections.
struct Identity {
  // What every request looks at comes first, and lies in one cache line.

  /// The first instant at which the token is no longer accepted: `exp` plus the leeway.
  Instant expires_at;
  /// The instant before which it is not accepted yet: `nbf` less the leeway, or 0.
  Instant not_before;
  /// The token's `sub`: 1..255 bytes of printable UTF-8.
  std::string account;
  /// The token itself, so that a connection that sends it again is known at once. Never logged.
  std::string token;
};

}  // namespace playhead
