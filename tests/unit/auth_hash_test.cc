// The hashes against published examples, and base64url against every other spelling.
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "auth/hash.h"
#include "base/base64url.h"

namespace playhead {
namespace {

using namespace std::string_view_literals;

std::string decoded(std::string_view text) {
  std::string bytes;
  EXPECT_TRUE(decode_base64url(text, bytes)) << text;
  return bytes;
}

bool decodes(std::string_view text) {
  std::string bytes;
  return decode_base64url(text, bytes);
}

// RFC 7515 appendix A.1.1.
TEST(Hmac, KnowsTheExampleOfTheStandard) {
  const std::string key = decoded(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  constexpr std::string_view kText =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ";
  HmacSha256 hmac(key);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(encode_base64url(view_of(hmac.of(kText))),
              "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    EXPECT_NE(hmac.of("something between"), hmac.of(kText));
  }
}

// RFC 4231 §4.7, test case 6: a key longer than a block.
TEST(Hmac, KnowsALongKey) {
  HmacSha256 hmac(std::string(131, '\xAA'));
  EXPECT_EQ(
      encode_base64url(view_of(hmac.of("Test Using Larger Than Block-Size Key - Hash Key First"))),
      "YOQxWR7gtn8Niiaqy_W3f44LxiE3KMUUBUYEDw7jf1Q");
}

TEST(Hmac, RefusesAShortKey) {
  EXPECT_THROW(HmacSha256{""sv}, std::invalid_argument);
  EXPECT_THROW(HmacSha256{std::string(31, 'k')}, std::invalid_argument);
  EXPECT_NO_THROW(HmacSha256{std::string(32, 'k')});
}

RC_GTEST_PROP(Hmac, DoesNotRememberEarlierTexts,
              (const std::string& earlier, const std::string& text)) {
  const std::string key(32, 'k');
  HmacSha256 used(key);
  used.of(earlier);
  RC_ASSERT(used.of(text) == HmacSha256(key).of(text));
}

TEST(EqualInConstantTime, Compares) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

// At every place, of any length.
RC_GTEST_PROP(EqualInConstantTime, SeesOneBitAnywhere, (std::string text)) {
  RC_ASSERT(equal_in_constant_time(text, std::string(text)));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = static_cast<char>(other[i] ^ (1 << *rc::gen::inRange(0, 8)));
    RC_ASSERT(!equal_in_constant_time(text, other));
  }
}

RC_GTEST_PROP(Base64url, RoundTrips, (const std::string& bytes)) {
  RC_ASSERT(decoded(encode_base64url(bytes)) == bytes);
}

// RFC 4648 §10, in the alphabet of §5 and without padding.
TEST(Base64url, KnowsTheExamplesOfTheStandard) {
  EXPECT_EQ(encode_base64url("f"), "Zg");
  EXPECT_EQ(encode_base64url("fo"), "Zm8");
  EXPECT_EQ(encode_base64url("foob"), "Zm9vYg");
  EXPECT_EQ(encode_base64url("\xFB\xFF"), "-_8");
}

TEST(Base64url, RefusesEveryOtherSpelling) {
  for (const auto text : {"Zg=="sv, "Zg="sv, "Zg.."sv, "Z"sv, "Zm9vY"sv, "Zg "sv, " Zg"sv, "Z\ng"sv,
                          "+/8"sv, "Zg\0"sv, "Z\xC3"sv}) {
    EXPECT_FALSE(decodes(text)) << text;
  }
  // The same bytes with unused bits set: "Zg" is the only spelling of "f".
  EXPECT_TRUE(decodes("Zg"));
  for (const auto text : {"Zh"sv, "Zv"sv, "Zm9"sv, "Zm-"sv}) EXPECT_FALSE(decodes(text)) << text;
}

// Whatever decodes is what the encoder writes for it.
RC_GTEST_PROP(Base64url, HasOneSpellingForEachValue, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(
      std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. ")));
  std::string bytes;
  if (decode_base64url(text, bytes)) RC_ASSERT(encode_base64url(bytes) == text);
}

}  // namespace
}  // namespace playhead
