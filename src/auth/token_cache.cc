// The token cache: look up, check the time, else verify and keep.
#include "auth/token_cache.h"

#include <utility>

#include "auth/hash.h"

namespace playhead {

TokenCache::TokenCache(std::size_t entries_max, Verify verify)
    : verify_(std::move(verify)), seed_(secret_seed()), known_(entries_max) {}

Result<TokenCache::SharedIdentity> TokenCache::identify(std::string_view authorization_header,
                                                        Instant now) {
  const auto token = bearer_token(authorization_header);
  if (!token) return tl::unexpected(token.error());
  const Hash128 hash = hash128(*token, seed_);
  const SharedIdentity* const known = known_.find(hash);
  if (known != nullptr && equal_in_constant_time((*known)->token, *token)) {
    hits_.add();
    if (auto in_time = check_time(**known, now); !in_time) {
      if (now >= (*known)->expires_at) known_.erase(hash);
      return tl::unexpected(std::move(in_time.error()));
    }
    return *known;
  }
  misses_.add();
  auto verified = verify_(*token, now);
  if (!verified) return tl::unexpected(std::move(verified.error()));
  auto identity = std::make_shared<const Identity>(*std::move(verified));
  known_.insert(hash, identity);
  return identity;
}

}  // namespace playhead
