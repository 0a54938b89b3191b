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
/// the hash of their print and known by all of it (TokenPrint): a hash alone lets nobody in. To
/// compare the whole text took 0.5 µs more where the audience is larger than the processor's cache;
/// to find it by SHA-256, 2.2 µs on a processor without instructions for that. A token stays known
/// until it expires or is displaced; there is no revocation. Not thread safe: one per event loop;
/// only the counters may be read from another thread.
class TokenCache {
 public:
  /// How a token that is not known is verified: a JwtVerifier, later also others. It sees any
  /// bytes, at most kTokenBytesMax, and checks all of them. The end of a token that it accepts,
  /// TokenPrint::kEndBytes long, must be what nobody guesses of another's, as the end of a
  /// signature is. Its errors are passed on and not remembered.
  using Verify = std::function<Result<Identity>(std::string_view token, Instant now)>;
  using SharedIdentity = std::shared_ptr<const Identity>;

  /// `entries_max`: 2 or more (less counts as 2); an entry takes some 200 bytes.
  TokenCache(std::size_t entries_max, Verify verify);

  /// Whom the value of an Authorization header speaks for at `now`. `last` is whom the connection
  /// spoke for before, of this cache, or null: the same token is then not looked up. The identity
  /// may be kept, but ask again, or check_time(), whenever it is used. Costs some 0.1 µs for a
  /// token of 224 bytes, 0.5 where what is looked up is in no cache, a miss the verifier's time
  /// more. Errors: those of bearer_token(), check_time() and the verifier. An expired hit is
  /// forgotten.
  Result<SharedIdentity> identify(std::string_view authorization_header, Instant now,
                                  const SharedIdentity& last = {});

  /// Tokens held now.
  std::size_t size() const { return known_.size(); }
  /// Look-ups of tokens that were known (in time or not), and that were not (accepted or not).
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
