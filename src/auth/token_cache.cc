// The token cache: look up, check the time, else verify and keep.
#include "auth/token_cache.h"

#include <utility>

namespace playhead {

TokenCache::TokenCache(std::size_t entries_max, Verify verify)
    : verify_(std::move(verify)), seed_(secret_seed()), known_(entries_max) {}

Result<TokenCache::SharedIdentity> TokenCache::identify(std::string_view authorization_header,
                                                        Instant now, const SharedIdentity& last) {
  const auto token = bearer_token(authorization_header);
  if (!token) return tl::unexpected(token.error());
  const TokenPrint print = print_of(*token, seed_);
  if (last && same_token(last->token, print)) {
    if (auto in_time = check_time(*last, now); !in_time) return tl::unexpected(in_time.error());
    return last;
  }
  const SharedIdentity* const known = known_.find(print.hash);
  if (known != nullptr && same_token((*known)->token, print)) {
    hits_.add();
    if (auto in_time = check_time(**known, now); !in_time) {
      if (now >= (*known)->expires_at) known_.erase(print.hash);
      return tl::unexpected(std::move(in_time.error()));
    }
    return *known;
  }
  misses_.add();
  auto verified = verify_(*token, now);
  if (!verified) return tl::unexpected(std::move(verified.error()));
  verified->token = print;
  auto identity = std::make_shared<const Identity>(*std::move(verified));
  known_.insert(print.hash, identity);
  return identity;
}

}  // namespace playhead
