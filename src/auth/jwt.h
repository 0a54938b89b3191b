// JSON Web Tokens signed with HS256: from a token to an identity, and from claims to a token.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/bearer.h"
#include "auth/hash.h"
#include "base/clock.h"
#include "base/error.h"
#include "domain/identity.h"

namespace playhead {

/// What a token must say beside a good signature.
struct JwtSettings {
  /// Of these the token's `aud` must name one; empty: `aud` is not asked for.
  std::vector<std::string> audiences;
  /// The token's `iss` must be this; empty: `iss` is not asked for.
  std::string issuer;
  /// How far the clocks of issuer and service may differ, 0..kDayMs: RFC 7519 §4.1.4 allows "no
  /// more than a few minutes"; machines with NTP differ by far less than 30 s.
  std::int64_t leeway_ms = 30'000;
};

/// Verifies JWTs that were signed with one key by HS256 (RFC 7515, 7518 §3.2, 7519, 8725).
/// Invariant: the key speaks HS256 and nothing else; no header of a token can change that.
/// Not thread safe, because it reuses its MAC context and its JSON parser: one per event loop.
class JwtVerifier {
 public:
  /// `key`: the raw bytes, at least kHmacKeyBytesMin. Throws, at start-up only, as HmacSha256 does.
  JwtVerifier(std::string_view key, JwtSettings settings);
  JwtVerifier(JwtVerifier&&) noexcept;
  JwtVerifier& operator=(JwtVerifier&&) noexcept;
  ~JwtVerifier();

  /// Whom the token speaks for. Reads the header's `alg`, `typ` and `crit`, and of the claims
  /// `sub`, `exp`, `nbf`, and where configured `aud` and `iss`; times are seconds in 0..2^53-1,
  /// with fractions rounded to the millisecond. Costs 1.2 µs for a token of 224 bytes.
  /// Errors, none of which quotes the token:
  /// - `token_malformed`: over kTokenBytesMax bytes, not three parts of base64url, or not two JSON
  ///   objects. No retry helps.
  /// - `token_invalid`: another algorithm, a `crit` header, a foreign signature, a wrong `typ`,
  /// `aud`
  ///   or `iss`, a claim that is missing, twice there, of the wrong type or range. No retry helps.
  /// - `token_expired`, `token_not_yet_valid`: as check_time().
  Result<Identity> verify(std::string_view token, Instant now);

 private:
  struct Json;
  HmacSha256 hmac_;
  JwtSettings settings_;
  std::unique_ptr<Json> json_;
};

/// What mint() writes into a token.
struct Claims {
  /// Valid UTF-8; a verifier wants 1..kAccountBytesMax printable bytes of it.
  std::string sub;
  /// Both are written as whole seconds, rounded down; at or after the epoch.
  Instant issued_at;
  Instant expires_at;
  /// Left out when empty.
  std::string issuer;
  std::string audience;
};

/// A token for these claims, signed with HS256 under `key` (raw bytes, at least kHmacKeyBytesMin;
/// throws as HmacSha256 does). For the `token` subcommand and tests: sets the key up on each call.
std::string mint(std::string_view key, const Claims& claims);

}  // namespace playhead
