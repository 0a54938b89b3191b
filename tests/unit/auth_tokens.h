// Tokens as an issuer would make them, also the ones that no honest issuer would.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/hash.h"
#include "base/base64url.h"
#include "base/clock.h"

namespace playhead {

/// Two keys of the least size. Made up for tests.
constexpr std::string_view kTestKey = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kOtherKey = "fedcba9876543210fedcba9876543210";

constexpr std::string_view kHs256Header = R"({"alg":"HS256","typ":"JWT"})";

/// 2026-01-01T00:00:00Z, in seconds and as an instant.
constexpr std::int64_t kTestNowS = 1'767'225'600;
constexpr Instant kTestNow{kTestNowS * kSecondMs};

/// A token of any header and claims, well signed under `key`.
inline std::string sign(std::string_view header, std::string_view claims,
                        std::string_view key = kTestKey) {
  std::string token = encode_base64url(header) + '.' + encode_base64url(claims);
  const Digest signature = HmacSha256(key).of(token);
  return token + '.' + encode_base64url(view_of(signature));
}

}  // namespace playhead
