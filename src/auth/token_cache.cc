// The token cache: look up, check the time, else verify and keep.
#include "auth/token_cache.h"

#include <algorithm>
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
    : generation_max_(std::max<std::size_t>(entries_max / 2, 1)), verify_(std::move(verify)) {}

Result<TokenCache::SharedIdentity> TokenCache::identify(std::string_view authorization_header,
                                                        Instant now) {
  const auto token = bearer_token(authorization_header);
  if (!token) return tl::unexpected(token.error());
  const Digest digest = sha256_.of(*token);
  if (SharedIdentity known = find(digest)) {
    hits_.add();
    if (auto in_time = check_time(*known, now); !in_time) {
      if (now >= known->expires_at) young_.erase(digest);
      return tl::unexpected(std::move(in_time.error()));
    }
    return known;
  }
  misses_.add();
  auto verified = verify_(*token, now);
  if (!verified) return tl::unexpected(std::move(verified.error()));
  auto identity = std::make_shared<const Identity>(*std::move(verified));
  keep(digest, identity);
  return identity;
}

// What was found is in the young generation afterwards.
TokenCache::SharedIdentity TokenCache::find(const Digest& digest) {
  if (const auto found = young_.find(digest); found != young_.end()) return found->second;
  const auto found = old_.find(digest);
  if (found == old_.end()) return nullptr;
  SharedIdentity identity = std::move(found->second);
  old_.erase(found);
  keep(digest, identity);
  return identity;
}

void TokenCache::keep(const Digest& digest, SharedIdentity identity) {
  if (young_.size() >= generation_max_) {
    std::swap(young_, old_);
    young_.clear();
  }
  young_.insert_or_assign(digest, std::move(identity));
}

}  // namespace playhead
