// Sealing cursors with HMAC-SHA-256.
#include "query/cursor.h"

#include <openssl/crypto.h>

#include "base/base64url.h"
#include "base/bytes.h"
#include "base/hmac_sha256.h"

namespace playhead {
namespace {

constexpr char kVersion = 1;
// Half of SHA-256: forging one takes 2^128 tries (RFC 2104 §5 allows no less than half).
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kCursorCharactersMax = 256;

}  // namespace

// A key of its own, so that a cursor can never be taken for a token or the other way round.
CursorCodec::CursorCodec(std::string_view secret)
    : key_(view_of(hmac_sha256(secret, "playhead cursor"))) {}

std::string CursorCodec::tag(ViewerRef viewer, std::string_view payload) const {
  std::string text;
  append_string(text, viewer.account);
  append_string(text, viewer.profile);
  text.append(payload);
  return std::string(view_of(hmac_sha256(key_, text)).substr(0, kTagBytes));
}

std::string CursorCodec::seal(ViewerRef viewer, const RowPlace& place) const {
  std::string payload(1, kVersion);
  append_varint(payload, static_cast<std::uint64_t>(place.watched_at.ms));
  payload.append(place.video_id);
  return encode_base64url(tag(viewer, payload) + payload);
}

std::optional<CursorCodec::Place> CursorCodec::open(ViewerRef viewer,
                                                    std::string_view cursor) const {
  std::string bytes;
  if (cursor.size() > kCursorCharactersMax || !decode_base64url(cursor, bytes) ||
      bytes.size() < kTagBytes) {
    return std::nullopt;
  }
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
