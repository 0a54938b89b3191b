// From an Authorization header to an identity, remembering the tokens that were verified before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "auth/bearer.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/error.h"
#include "base/generations.h"
#include "base/hash128.h"
#include "domain/identity.h"

namespace playhead {

/// Verified tokens, each once accepted, of which those in use stay (Generations). They are found by
/// XXH3 under a secret seed and then compared whole: a hash alone lets nobody in. (By SHA-256, a
/// hit took 2.2 µs on a processor without instructions for it.) A token stays known until it
/// expires or is displaced; there is no revocation. Not thread safe: one per event loop; only the
/// counters may be read from another thread.
class TokenCache {
 public:
  /// How a token that is not known is verified: a JwtVerifier, later also others. It sees any
  /// bytes, at most kTokenBytesMax, and checks all of them; the identity holds the token, or it is
  /// asked again each time. Its errors are passed on and not remembered.
  using Verify = std::function<Result<Identity>(std::string_view token, Instant now)>;
  using SharedIdentity = std::shared_ptr<const Identity>;

  /// `entries_max`: 2 or more (less counts as 2); an entry takes about 400 bytes plus the token.
  TokenCache(std::size_t entries_max, Verify verify);

  /// Whom the value of an Authorization header speaks for at `now`; the identity may be kept, but
  /// ask check_time() whenever it is used again. A hit costs about 0.16 µs for a token of 224
  /// bytes, a miss the verifier's time more. Errors: those of bearer_token(), check_time() and the
  /// verifier. An expired hit is forgotten.
  Result<SharedIdentity> identify(std::string_view authorization_header, Instant now);

  /// Tokens held now.
  std::size_t size() const { return known_.size(); }
  /// Tokens that were known (in time or not), and tokens that were not (accepted or not).
  const Counter& hits() const { return hits_; }
  const Counter& misses() const { return misses_; }

 private:
  Verify verify_;
  const std::uint64_t seed_;
  Generations<Hash128, SharedIdentity, LowBits> known_;
  Counter hits_;
  Counter misses_;
};

}  // namespace playhead
