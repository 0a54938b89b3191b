// HMAC-SHA-256 by OpenSSL.
#include "telemetry/hashed_id.h"

#include <array>
#include <cstddef>

#include <openssl/evp.h>

#include "base/bytes.h"

namespace playhead {
namespace {

constexpr std::size_t kHexDigits = 12;

}  // namespace

std::string hashed_viewer(std::string_view account, std::string_view profile,
                          std::string_view salt) {
  std::string message;
  append_string(message, account);
  append_string(message, profile);
  std::array<unsigned char, 32> digest{};
  std::size_t size = 0;
  // A key that is null would mean "no key yet"; an empty one is legal, if not wise.
  const char* key = salt.empty() ? "" : salt.data();
  const auto* done = EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key, salt.size(),
                               reinterpret_cast<const unsigned char*>(message.data()),
                               message.size(), digest.data(), digest.size(), &size);
  if (done == nullptr) return {};
  std::string hex;
  for (std::size_t i = 0; i < kHexDigits / 2; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 0xF];
  }
  return hex;
}

}  // namespace playhead
