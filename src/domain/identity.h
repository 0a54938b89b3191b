// Who a verified token speaks for.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/hash128.h"

namespace playhead {

/// What a token is known again by, in a fifth of its memory: a hash of all of it, under a secret
/// seed of the cache that knows it, and its end. The end of a JWT is the end of its signature, 192
/// bits that nobody guesses of another's token; who changes anything else of his own token, so that
/// the hashes fall together, is still taken for himself.
struct TokenPrint {
  static constexpr std::size_t kEndBytes = 32;

  Hash128 hash;
  /// Zeros where a token is shorter.
  std::array<char, kEndBytes> end{};
};

/// The bearer of a token that was verified. Shared between a loop's cache and its connections.
struct Identity {
  // What every request looks at comes first: 64 bytes, of one or two cache lines.

  /// The first instant at which the token is no longer accepted: `exp` plus the leeway.
  Instant expires_at;
  /// The instant before which it is not accepted yet: `nbf` less the leeway, or 0.
  Instant not_before;
  /// So that a connection that sends the token again is known at once. The token itself is kept
  /// nowhere.
  TokenPrint token;
  /// The token's `sub`: 1..255 bytes of printable UTF-8.
  std::string account;
};

}  // namespace playhead
