// How many requests an account may make: a token bucket each, in bounded memory.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace playhead {

/// What an account may ask for. A bucket holds `burst` requests and gets `per_s` back a second.
struct RateLimit {
  /// 1..10,000 requests a second; 0: no limit.
  unsigned per_s = 50;
  /// 1..100,000 requests at once.
  unsigned burst = 500;
  /// Accounts that may be short of their whole burst at once; rounded up to sets of eight.
  std::size_t accounts_max = 65'536;
};

/// Token buckets of all accounts. An account is one bucket with all its profiles: a profile is a
/// name the caller picks, and a bucket for each would be one for the asking (ADR 0010).
///
/// A bucket is one word: when it will be full again (the generic cell rate algorithm, ITU-T I.371).
/// A full bucket needs no memory, so nothing is ever evicted: an account is in the table while it
/// is short of its burst, which at 50 requests a second is 20 ms for each request. Buckets lie in
/// sets of eight, a cache line each, found by the account's hash, whose seed differs by process.
/// Where all eight are other accounts' that are not full, the request passes, and is counted.
///
/// Thread safe, without a lock, and one bucket for all loops; where two loops meet an account for
/// the first time at once it may have two, until it is full again.
class RateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  RateLimiter(const RateLimit& limit, Time now);

  /// Takes `cost` requests out of the account's bucket; nullopt where it held them, else how long
  /// until it will, and nothing is taken. A cost above the burst counts as the burst.
  std::optional<std::chrono::microseconds> take(std::string_view account, unsigned cost, Time now);

  const RateLimit& limit() const { return limit_; }
  /// Requests let through uncounted, because there was no room for their bucket.
  std::uint64_t uncounted() const { return uncounted_.load(std::memory_order_relaxed); }

 private:
  // 16 bits of the account's hash, and the microsecond since `started_` at which the bucket is
  // full: 2^48 of them are nine years.
  using Bucket = std::atomic<std::uint64_t>;
  struct alignas(64) Set {
    std::array<Bucket, 8> buckets{};
  };

  enum class Taken : std::uint8_t { yes, no, not_mine };
  Taken take_from(Bucket& bucket, std::uint64_t tag, std::uint64_t cost_us, std::uint64_t now_us,
                  std::uint64_t& wait_us) const;

  const RateLimit limit_;
  const std::uint64_t request_us_;
  const std::uint64_t burst_us_;
  const Time started_;
  std::vector<Set> sets_;
  std::atomic<std::uint64_t> uncounted_{0};
};

}  // namespace playhead
