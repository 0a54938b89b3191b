// The first digits of a MAC.
#include "telemetry/hashed_id.h"

#include <cstddef>

#include "base/bytes.h"
#include "base/hmac_sha256.h"

namespace playhead {
namespace {

constexpr std::size_t kHexDigits = 12;

}  // namespace

std::string hashed_viewer(std::string_view account, std::string_view profile,
                          std::string_view salt) {
  std::string message;
  append_string(message, account);
  append_string(message, profile);
  const Digest digest = hmac_sha256(salt, message);
  std::string hex;
  for (std::size_t i = 0; i < kHexDigits / 2; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 0xF];
  }
  return hex;
}

}  // namespace playhead
