// The Authorization header in all its spellings, and the checks of a kept identity.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "auth/bearer.h"

namespace playhead {
namespace {

using namespace std::string_view_literals;

ErrorCode refusal_of(std::string_view header) {
  const auto token = bearer_token(header);
  return token ? ErrorCode::internal : token.error().code;
}

TEST(BearerToken, TakesTheSchemeInAnyCaseAndAnySpaces) {
  for (const auto header : {"Bearer abc"sv, "bearer abc"sv, "BEARER abc"sv, "bEaReR    abc"sv}) {
    EXPECT_EQ(bearer_token(header), "abc"sv) << header;
  }
}

TEST(BearerToken, SaysWhatIsWrong) {
  EXPECT_EQ(refusal_of(""), ErrorCode::token_missing);
  EXPECT_EQ(refusal_of({}), ErrorCode::token_missing);
  for (const auto header :
       {"Bearer"sv, "Bearer "sv, "Bearer   "sv, "Bear"sv, " Bearer abc"sv, "Basic abc"sv,
        "Bearerabc"sv, "Bearer\tabc"sv, "abc"sv, "Bearer:abc"sv, "\0"sv}) {
    EXPECT_EQ(refusal_of(header), ErrorCode::token_malformed) << header;
  }
}

TEST(BearerToken, HasABound) {
  EXPECT_TRUE(bearer_token("Bearer " + std::string(kTokenBytesMax, 'a')).has_value());
  EXPECT_EQ(refusal_of("Bearer " + std::string(kTokenBytesMax + 1, 'a')),
            ErrorCode::token_malformed);
}

TEST(SameToken, WantsExactlyThatToken) {
  const Identity identity{{}, {}, "ann", "abc.def.ghi"};
  EXPECT_TRUE(same_token(identity, "Bearer abc.def.ghi"));
  EXPECT_TRUE(same_token(identity, "bearer  abc.def.ghi"));
  for (const auto header :
       {""sv, "Bearer"sv, "abc.def.ghi"sv, "Basic abc.def.ghi"sv, "Bearer abc.def.gh"sv,
        "Bearer abc.def.ghij"sv, "Bearer abc.def.ghI"sv, "Bearer abc.def.ghi "sv}) {
    EXPECT_FALSE(same_token(identity, header)) << header;
  }
}

TEST(SameToken, SeesEveryByteOfALongOne) {
  const std::string token(300, 'a');
  const Identity identity{{}, {}, "ann", token};
  EXPECT_TRUE(same_token(identity, "Bearer " + token));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = 'b';
    EXPECT_FALSE(same_token(identity, "Bearer " + other)) << i;
  }
}

TEST(CheckTime, HoldsFromItsStartUntilBeforeItsEnd) {
  const Identity identity{Instant{2'000}, Instant{1'000}, "ann", "t"};
  EXPECT_EQ(check_time(identity, Instant{999}).error().code, ErrorCode::token_not_yet_valid);
  EXPECT_TRUE(check_time(identity, Instant{1'000}).has_value());
  EXPECT_TRUE(check_time(identity, Instant{1'999}).has_value());
  EXPECT_EQ(check_time(identity, Instant{2'000}).error().code, ErrorCode::token_expired);
}

}  // namespace
}  // namespace playhead
