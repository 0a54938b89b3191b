// Token buckets as one atomic word each.
#include "http/rate_limiter.h"

#include <algorithm>
#include <bit>

#include <absl/hash/hash.h>

#include "domain/ids.h"

namespace playhead {
namespace {

constexpr int kTimeBits = 48;
constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << kTimeBits) - 1;
constexpr std::size_t kBucketsOfSet = 8;

std::size_t set_count(const RateLimit& limit) {
  if (limit.per_s == 0) return 0;
  return std::bit_ceil(std::max<std::size_t>(limit.accounts_max / kBucketsOfSet, 1));
}

}  // namespace

RateLimiter::RateLimiter(const RateLimit& limit, Time now)
    : limit_(limit),
      request_us_(1'000'000 / std::max(limit.per_s, 1U)),
      burst_us_(request_us_ * std::max(limit.burst, 1U)),
      started_(now),
      sets_(set_count(limit)) {}

std::optional<std::chrono::microseconds> RateLimiter::take(std::string_view account, unsigned cost,
                                                           Time now) {
  if (limit_.per_s == 0 || cost == 0) return std::nullopt;
  const std::uint64_t hash = absl::Hash<ViewerRef>{}({account, {}});
  // The set by the low bits, the tag by the high ones; 0 is the tag of a bucket nobody had yet.
  Set& set = sets_[hash & (sets_.size() - 1)];
  const std::uint64_t tag = std::max<std::uint64_t>(hash >> kTimeBits, 1) << kTimeBits;
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now - started_);
  const auto now_us = static_cast<std::uint64_t>(std::max<std::int64_t>(since.count(), 0));
  const std::uint64_t cost_us = std::min(cost * request_us_, burst_us_);

  std::uint64_t wait_us = 0;
  // First its own bucket, wherever in the set it is; then one that is full and so needs no memory.
  for (const bool own : {true, false}) {
    for (Bucket& bucket : set.buckets) {
      const std::uint64_t held = bucket.load(std::memory_order_relaxed);
      const bool is_own = (held & ~kTimeMask) == tag;
      if (own ? !is_own : (held & kTimeMask) > now_us) continue;
      switch (take_from(bucket, tag, cost_us, now_us, wait_us)) {
        case Taken::yes:
          return std::nullopt;
        case Taken::no:
          return std::chrono::microseconds(wait_us);
        case Taken::not_mine:
          break;  // another loop was faster
      }
    }
  }
  uncounted_.fetch_add(1, std::memory_order_relaxed);
  return std::nullopt;
}

RateLimiter::Taken RateLimiter::take_from(Bucket& bucket, std::uint64_t tag, std::uint64_t cost_us,
                                          std::uint64_t now_us, std::uint64_t& wait_us) const {
  std::uint64_t held = bucket.load(std::memory_order_relaxed);
  while (true) {
    const bool is_own = (held & ~kTimeMask) == tag;
    const std::uint64_t full_at = held & kTimeMask;
    if (!is_own && full_at > now_us) return Taken::not_mine;
    const std::uint64_t from = is_own ? std::max(full_at, now_us) : now_us;
    const std::uint64_t until = from + cost_us;
    if (until - now_us > burst_us_) {
      wait_us = until - now_us - burst_us_;
      return Taken::no;
    }
    if (bucket.compare_exchange_weak(held, tag | (until & kTimeMask), std::memory_order_relaxed)) {
      return Taken::yes;
    }
  }
}

}  // namespace playhead
