// The token cache: look up, check the time, else verify and keep.
#include "auth/token_cache.h"

#include <cstring>
#include <utility>

namespace playhead {

std::size_t TokenCache::DigestHash::operator()(const Digest& digest) const {
  std::size_t hash = 0;
  static_assert(sizeof hash <= sizeof digest);
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

TokenCache::TokenCache(std::size_t entries_max, Verify verify)
    : verify_(std::move(verify)), known_(entries_max) {}

Result<TokenCache::SharedIdentity> TokenCache::identify(std::string_view authorization_header,
                                                        Instant now) {
  const auto token = bearer_token(authorization_header);
  if (!token) return tl::unexpected(token.error());
  const Digest digest = sha256_.of(*token);
  if (const SharedIdentity* known = known_.find(digest)) {
    hits_.add();
    if (auto in_time = check_time(**known, now); !in_time) {
      if (now >= (*known)->expires_at) known_.erase(digest);
      return tl::unexpected(std::move(in_time.error()));
    }
    return *known;
  }
  misses_.add();
  auto verified = verify_(*token, now);
  if (!verified) return tl::unexpected(std::move(verified.error()));
  auto identity = std::make_shared<const Identity>(*std::move(verified));
  known_.insert(digest, identity);
  return identity;
}

}  // namespace playhead
