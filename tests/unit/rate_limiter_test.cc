// The token buckets: what they let through, against a bucket counted by hand.
#include "http/rate_limiter.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace playhead {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

const RateLimiter::Time kStart{seconds(1'000)};

RateLimit limit(unsigned per_s, unsigned burst, std::size_t accounts_max = 1'024) {
  return {.per_s = per_s, .burst = burst, .accounts_max = accounts_max};
}

TEST(RateLimiter, LetsABurstThroughAndThenTheRate) {
  RateLimiter limiter(limit(10, 3), kStart);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take("alice", 1, kStart));
  EXPECT_EQ(limiter.take("alice", 1, kStart), milliseconds(100));
  EXPECT_EQ(limiter.take("alice", 1, kStart + microseconds(99'999)), microseconds(1));
  EXPECT_FALSE(limiter.take("alice", 1, kStart + milliseconds(100)));
  EXPECT_EQ(limiter.take("alice", 1, kStart + milliseconds(100)), milliseconds(100));
}

TEST(RateLimiter, FillsUpToTheBurstAndNoFurther) {
  RateLimiter limiter(limit(10, 3), kStart);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take("alice", 1, kStart));
  const auto later = kStart + seconds(3'600);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take("alice", 1, later));
  EXPECT_TRUE(limiter.take("alice", 1, later));
}

TEST(RateLimiter, RefusalTakesNothing) {
  RateLimiter limiter(limit(10, 3), kStart);
  EXPECT_FALSE(limiter.take("alice", 2, kStart));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limiter.take("alice", 2, kStart), milliseconds(100));
  EXPECT_FALSE(limiter.take("alice", 1, kStart));
}

TEST(RateLimiter, CostAboveTheBurstIsTheWholeBurst) {
  RateLimiter limiter(limit(10, 3), kStart);
  EXPECT_FALSE(limiter.take("alice", 1'000'000, kStart));
  EXPECT_EQ(limiter.take("alice", 1'000'000, kStart), milliseconds(300));
  EXPECT_FALSE(limiter.take("alice", 0, kStart));
}

TEST(RateLimiter, AccountsHaveBucketsOfTheirOwn) {
  RateLimiter limiter(limit(1, 1), kStart);
  EXPECT_FALSE(limiter.take("alice", 1, kStart));
  EXPECT_TRUE(limiter.take("alice", 1, kStart));
  EXPECT_FALSE(limiter.take("bob", 1, kStart));
}

TEST(RateLimiter, NoLimitIsNone) {
  RateLimiter limiter(limit(0, 1), kStart);
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(limiter.take("alice", 1, kStart));
}

// One set of eight: what does not fit passes and is counted, and room comes back by itself.
TEST(RateLimiter, BoundedInMemory) {
  RateLimiter limiter(limit(1, 1, 8), kStart);
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(limiter.take("short" + std::to_string(i), 1, kStart));
  EXPECT_EQ(limiter.uncounted(), 0U);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(limiter.take("one too many", 1, kStart));
  EXPECT_EQ(limiter.uncounted(), 5U);
  EXPECT_TRUE(limiter.take("short3", 1, kStart));
  const auto later = kStart + seconds(1);
  EXPECT_FALSE(limiter.take("one too many", 1, later));
  EXPECT_TRUE(limiter.take("one too many", 1, later));
  EXPECT_EQ(limiter.uncounted(), 5U);
}

TEST(RateLimiter, LoopsShareABucket) {
  RateLimiter limiter(limit(1, 1'000), kStart);
  EXPECT_FALSE(limiter.take("alice", 1, kStart));
  std::vector<std::size_t> let_through(4);
  std::vector<std::thread> loops;
  for (std::size_t& count : let_through) {
    loops.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) count += !limiter.take("alice", 1, kStart);
    });
  }
  for (std::thread& loop : loops) loop.join();
  std::size_t sum = 0;
  for (const std::size_t count : let_through) sum += count;
  EXPECT_EQ(sum, 999U);
}

// Whatever is asked when: exactly what a bucket that is filled continuously would let through.
RC_GTEST_PROP(RateLimiter, IsATokenBucket, ()) {
  const auto per_s = *rc::gen::element(1U, 10U, 50U, 1'000U);
  const auto burst = *rc::gen::inRange(1U, 50U);
  RateLimiter limiter(limit(per_s, burst), kStart);
  const std::int64_t request_us = 1'000'000 / per_s;
  const std::int64_t burst_us = request_us * burst;
  std::int64_t held_us = burst_us;
  std::int64_t now_us = 0;
  for (int i = 0; i < 100; ++i) {
    const auto pause_us = *rc::gen::inRange<std::int64_t>(0, 3 * request_us);
    const auto cost = *rc::gen::inRange(1U, burst + 2);
    now_us += pause_us;
    held_us = std::min(burst_us, held_us + pause_us);
    const std::int64_t cost_us = std::min<std::int64_t>(cost * request_us, burst_us);
    const auto wait = limiter.take("alice", cost, kStart + microseconds(now_us));
    RC_ASSERT(wait.has_value() == (held_us < cost_us));
    if (wait) {
      RC_ASSERT(wait->count() == cost_us - held_us);
    } else {
      held_us -= cost_us;
    }
  }
}

}  // namespace
}  // namespace playhead
