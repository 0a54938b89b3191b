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

// Told apart wherever they differ. A hash alone lets nobody in: the ends are compared, too.
TEST(TokenPrint, IsOfOneTokenUnderOneSeed) {
  const std::string token(300, 'a');
  const TokenPrint print = print_of(token, 7);
  EXPECT_TRUE(same_token(print, print_of(token, 7)));
  EXPECT_FALSE(same_token(print, print_of(token, 8)));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = 'b';
    EXPECT_FALSE(same_token(print, print_of(other, 7))) << i;
  }
  for (const std::string& other : {token + 'a', token.substr(1), std::string("a"), std::string()}) {
    EXPECT_FALSE(same_token(print, print_of(other, 7))) << other.size();
  }
}

TEST(TokenPrint, ComparesTheHashAndTheEnd) {
  const TokenPrint print = print_of("abc.def.ghi", 7);
  TokenPrint other = print;
  other.hash.high ^= 1;
  EXPECT_FALSE(same_token(print, other));
  other = print;
  other.hash.low ^= 1;
  EXPECT_FALSE(same_token(print, other));
  for (std::size_t i = 0; i < print.end.size(); ++i) {
    other = print;
    other.end[i] = static_cast<char>(other.end[i] ^ 1);
    EXPECT_FALSE(same_token(print, other)) << i;
  }
}

TEST(CheckTime, HoldsFromItsStartUntilBeforeItsEnd) {
  const Identity identity{Instant{2'000}, Instant{1'000}, {}, "ann"};
  EXPECT_EQ(check_time(identity, Instant{999}).error().code, ErrorCode::token_not_yet_valid);
  EXPECT_TRUE(check_time(identity, Instant{1'000}).has_value());
  EXPECT_TRUE(check_time(identity, Instant{1'999}).has_value());
  EXPECT_EQ(check_time(identity, Instant{2'000}).error().code, ErrorCode::token_expired);
}

}  // namespace
}  // namespace playhead
