// What the token cache remembers, for how long, and what it never does.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "auth/jwt.h"
#include "auth/token_cache.h"
#include "auth_tokens.h"

namespace playhead {
namespace {

// Accepts any token but "bad", for [1 s, 100 s), and counts how often it was asked.
struct FakeVerifier {
  int asked = 0;

  TokenCache::Verify port() {
    return [this](std::string_view token, Instant) -> Result<Identity> {
      ++asked;
      if (token == "bad") return fail(ErrorCode::token_invalid, "no");
      return Identity{Instant{100'000}, Instant{1'000}, {}, "account of " + std::string(token)};
    };
  }
};

constexpr Instant kNow{50'000};

std::string header_of(int i) {
  return "Bearer token-" + std::to_string(i);
}

TEST(TokenCache, AsksOnceForAToken) {
  FakeVerifier verifier;
  TokenCache cache(10, verifier.port());
  const auto first = cache.identify("Bearer abc", kNow);
  const auto again = cache.identify("bearer  abc", kNow);
  ASSERT_TRUE(first.has_value());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*first, *again) << "the same object";
  EXPECT_EQ((*first)->account, "account of abc");
  EXPECT_EQ(verifier.asked, 1);
  EXPECT_EQ(cache.hits().value(), 1U);
  EXPECT_EQ(cache.misses().value(), 1U);
}

TEST(TokenCache, PassesRefusalsOnAndForgetsThem) {
  FakeVerifier verifier;
  TokenCache cache(10, verifier.port());
  for (int round = 1; round <= 2; ++round) {
    EXPECT_EQ(cache.identify("Bearer bad", kNow).error().code, ErrorCode::token_invalid);
    EXPECT_EQ(verifier.asked, round);
  }
  EXPECT_EQ(cache.size(), 0U);
}

TEST(TokenCache, DoesNotAskAboutAHeaderWithoutAToken) {
  FakeVerifier verifier;
  TokenCache cache(10, verifier.port());
  EXPECT_EQ(cache.identify("", kNow).error().code, ErrorCode::token_missing);
  EXPECT_EQ(cache.identify("Bearer ", kNow).error().code, ErrorCode::token_malformed);
  EXPECT_EQ(cache.identify("Basic abc", kNow).error().code, ErrorCode::token_malformed);
  EXPECT_EQ(verifier.asked, 0);
  EXPECT_EQ(cache.misses().value(), 0U);
}

TEST(TokenCache, ChecksTheTimeOfAHit) {
  FakeVerifier verifier;
  TokenCache cache(10, verifier.port());
  ASSERT_TRUE(cache.identify("Bearer abc", kNow).has_value());
  EXPECT_EQ(cache.identify("Bearer abc", Instant{999}).error().code,
            ErrorCode::token_not_yet_valid);
  EXPECT_EQ(cache.size(), 1U) << "it may be valid later";
  EXPECT_TRUE(cache.identify("Bearer abc", Instant{99'999}).has_value());
  EXPECT_EQ(verifier.asked, 1);
  EXPECT_EQ(cache.identify("Bearer abc", Instant{100'000}).error().code, ErrorCode::token_expired);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(TokenCache, ForgetsAnExpiredHitOfTheOldGeneration) {
  FakeVerifier verifier;
  TokenCache cache(4, verifier.port());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(cache.identify(header_of(i), kNow).has_value());
  EXPECT_EQ(cache.identify(header_of(0), Instant{100'000}).error().code, ErrorCode::token_expired);
  EXPECT_EQ(cache.size(), 2U);
}

TEST(TokenCache, KeepsWhatIsInUseAndDropsWhatIsNot) {
  FakeVerifier verifier;
  TokenCache cache(4, verifier.port());
  ASSERT_TRUE(cache.identify(header_of(0), kNow).has_value());
  for (int i = 1; i < 100; ++i) {
    ASSERT_TRUE(cache.identify(header_of(i), kNow).has_value());
    ASSERT_TRUE(cache.identify(header_of(0), kNow).has_value());
    ASSERT_LE(cache.size(), 4U);
  }
  EXPECT_EQ(verifier.asked, 100) << "token 0 was asked about once only";
  ASSERT_TRUE(cache.identify(header_of(1), kNow).has_value());
  EXPECT_EQ(verifier.asked, 101) << "token 1 was dropped";
}

TEST(TokenCache, KeepsAnIdentityAliveForItsHolder) {
  FakeVerifier verifier;
  TokenCache cache(2, verifier.port());
  const auto held = *cache.identify(header_of(0), kNow);
  for (int i = 1; i < 10; ++i) ASSERT_TRUE(cache.identify(header_of(i), kNow).has_value());
  EXPECT_EQ(held->account, "account of token-0");
}

// A connection's own token is not looked up, nor is it counted; another's is.
TEST(TokenCache, KnowsTheLastOfAConnectionWithoutLookingItUp) {
  FakeVerifier verifier;
  TokenCache cache(2, verifier.port());
  const auto last = *cache.identify(header_of(0), kNow);
  for (int i = 1; i < 10; ++i) ASSERT_TRUE(cache.identify(header_of(i), kNow).has_value());
  EXPECT_EQ(cache.identify(header_of(0), kNow, last), last) << "though the cache has dropped it";
  EXPECT_EQ(verifier.asked, 10);
  EXPECT_EQ(cache.hits().value(), 0U);
  EXPECT_EQ((*cache.identify(header_of(9), kNow, last))->account, "account of token-9");
  EXPECT_EQ(cache.hits().value(), 1U);
  EXPECT_EQ(cache.identify(header_of(0), Instant{100'000}, last).error().code,
            ErrorCode::token_expired);
}

TEST(TokenCache, AsksForATokenAlsoWhereTheConnectionHadOne) {
  FakeVerifier verifier;
  TokenCache cache(2, verifier.port());
  const auto last = *cache.identify(header_of(0), kNow);
  EXPECT_EQ(cache.identify("", kNow, last).error().code, ErrorCode::token_missing);
  for (const char* header : {"Bearer", "Bearer ", "Basic token-0", "token-0"}) {
    EXPECT_EQ(cache.identify(header, kNow, last).error().code, ErrorCode::token_malformed)
        << header;
  }
  EXPECT_EQ(cache.identify("Bearer bad", kNow, last).error().code, ErrorCode::token_invalid);
}

TEST(TokenCache, SeesEveryByteOfALongToken) {
  FakeVerifier verifier;
  TokenCache cache(2, verifier.port());
  const std::string token(300, 'a');
  const auto last = *cache.identify("Bearer " + token, kNow);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = 'b';
    EXPECT_EQ((*cache.identify("Bearer " + other, kNow, last))->account, "account of " + other);
  }
  for (const std::string& other : {token + 'a', token.substr(1), token + ' ', std::string("a")}) {
    EXPECT_EQ((*cache.identify("Bearer " + other, kNow, last))->account, "account of " + other);
  }
}

// Whatever is asked in whatever order: the answer is the token's own, and the bound holds.
RC_GTEST_PROP(TokenCache, NeverMixesTokensUpNorGrows, ()) {
  const auto entries_max = *rc::gen::inRange<std::size_t>(0, 9);
  const auto calls = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12));
  FakeVerifier verifier;
  TokenCache cache(entries_max, verifier.port());
  for (const int i : calls) {
    const auto identity = cache.identify(header_of(i), kNow);
    RC_ASSERT(identity.has_value());
    RC_ASSERT((*identity)->account == "account of token-" + std::to_string(i));
    RC_ASSERT(cache.size() <= std::max<std::size_t>(entries_max, 2));
  }
  RC_ASSERT(cache.hits().value() + cache.misses().value() == calls.size());
  RC_ASSERT(cache.misses().value() == static_cast<std::uint64_t>(verifier.asked));
}

TEST(TokenCache, WorksWithTheRealVerifier) {
  JwtVerifier verifier(kTestKey, {});
  TokenCache cache(
      10, [&](std::string_view token, Instant now) { return verifier.verify(token, now); });
  const std::string header =
      "Bearer " + mint(kTestKey, {"ann", kTestNow, Instant{kTestNow.ms + kHourMs}, "", ""});
  const Instant last{kTestNow.ms + kHourMs + 29'999};
  for (int round = 0; round < 2; ++round) {
    const auto identity = cache.identify(header, last);
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ((*identity)->account, "ann");
  }
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(cache.identify(header, Instant{last.ms + 1}).error().code, ErrorCode::token_expired);
  }
}

}  // namespace
}  // namespace playhead
