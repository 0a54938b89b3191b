// Sealing cursors with HMAC-SHA-256.
#include "query/cursor.h"

#include <array>
#include <cstdlib>

#include <absl/strings/escaping.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/bytes.h"

namespace playhead {
namespace {

constexpr char kVersion = 1;
// Half of SHA-256: forging one takes 2^128 tries (RFC 2104 §5 allows no less than half).
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kCursorCharactersMax = 256;

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, 32> mac{};
  std::size_t size = mac.size();
  const auto* done = EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                               reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                               mac.data(), mac.size(), &size);
  if (done == nullptr) std::abort();  // out of memory, or OpenSSL without SHA-256
  return {reinterpret_cast<const char*>(mac.data()), size};
}

}  // namespace

// A key of its own, so that a cursor can never be taken for a token or the other way round.
CursorCodec::CursorCodec(std::string_view secret) : key_(hmac_sha256(secret, "playhead cursor")) {}

std::string CursorCodec::tag(ViewerRef viewer, std::string_view payload) const {
  std::string text;
  append_string(text, viewer.account);
  append_string(text, viewer.profile);
  text.append(payload);
  return hmac_sha256(key_, text).substr(0, kTagBytes);
}

std::string CursorCodec::seal(ViewerRef viewer, const RowPlace& place) const {
  std::string payload(1, kVersion);
  append_varint(payload, static_cast<std::uint64_t>(place.watched_at.ms));
  payload.append(place.video_id);
  std::string cursor;
  absl::WebSafeBase64Escape(tag(viewer, payload) + payload, &cursor);
  return cursor;
}

std::optional<CursorCodec::Place> CursorCodec::open(ViewerRef viewer,
                                                    std::string_view cursor) const {
  std::string bytes;
  if (cursor.size() > kCursorCharactersMax ||
      !absl::WebSafeBase64Unescape(absl::string_view(cursor.data(), cursor.size()), &bytes) ||
      bytes.size() < kTagBytes) {
    return std::nullopt;
  }
  // absl passes over padding, white space and unused bits: one cursor has one spelling.
  std::string spelled;
  absl::WebSafeBase64Escape(bytes, &spelled);
  if (spelled != cursor) return std::nullopt;
  const std::string_view payload = std::string_view(bytes).substr(kTagBytes);
  const std::string expected = tag(viewer, payload);
  if (CRYPTO_memcmp(bytes.data(), expected.data(), kTagBytes) != 0) return std::nullopt;
  ByteReader reader(payload);
  if (reader.byte() != static_cast<std::uint8_t>(kVersion)) return std::nullopt;
  const auto at = reader.varint();
  if (!at) return std::nullopt;
  return Place{Instant{static_cast<std::int64_t>(*at)}, std::string(reader.rest())};
}

}  // namespace playhead
