// HMAC-SHA-256 of one text.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace playhead {

/// The 32 bytes that HMAC-SHA-256 makes.
using Digest = std::array<std::uint8_t, 32>;

/// The MAC of any bytes under any key (RFC 2104), of which the empty one is legal, if not wise. 1.4
/// us for 224 bytes; who makes many under one key keeps a context (auth/hash.h). A failure inside
/// OpenSSL, which is out of memory or has no SHA-256, ends the process: an answer of nothing must
/// never be compared with what a stranger sent. Thread safe.
Digest hmac_sha256(std::string_view key, std::string_view bytes);

/// A digest as the bytes it is. Borrows it.
inline std::string_view view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace playhead
