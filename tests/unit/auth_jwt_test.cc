// Every way a token can be wrong, each by its own code, and no way for a wrong one to pass.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "auth/jwt.h"
#include "auth_tokens.h"

namespace playhead {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::string_view kGoodClaims = R"({"sub":"ann","exp":1767229200})";

Result<Identity> verify(std::string_view token, Instant now = kTestNow,
                        const JwtSettings& settings = {}) {
  return JwtVerifier(kTestKey, settings).verify(token, now);
}

// What the verifier says of it: the name of its code, or the account.
std::string verdict(const Result<Identity>& identity) {
  if (identity) return "account " + identity->account;
  switch (identity.error().code) {
    case ErrorCode::token_malformed:
      return "malformed";
    case ErrorCode::token_invalid:
      return "invalid";
    case ErrorCode::token_expired:
      return "expired";
    case ErrorCode::token_not_yet_valid:
      return "not yet";
    default:
      return "another code";
  }
}

std::string on_header(std::string_view header) {
  return verdict(verify(sign(header, kGoodClaims)));
}

std::string on_claims(std::string_view claims, const JwtSettings& settings = {}) {
  return verdict(verify(sign(kHs256Header, claims), kTestNow, settings));
}

TEST(Jwt, MakesAnIdentity) {
  const std::string token =
      sign(kHs256Header, R"({"sub":"ann","exp":1767229200,"nbf":1767225000,"iat":"ignored"})");
  const auto identity = verify(token);
  ASSERT_TRUE(identity.has_value()) << identity.error().detail;
  EXPECT_EQ(identity->account, "ann");
  EXPECT_EQ(identity->expires_at, Instant{1'767'229'200'000 + 30'000});
  EXPECT_EQ(identity->not_before, Instant{1'767'225'000'000 - 30'000});
  EXPECT_EQ(verify(sign(kHs256Header, kGoodClaims))->not_before, Instant{0});
  EXPECT_EQ(verify(sign(kHs256Header, R"({"sub":"ann","exp":1767229200,"nbf":7})"))->not_before,
            Instant{0})
      << "an instant never stands before 0";
}

// RFC 7515 appendix A.1: well signed, but it names no subject.
TEST(Jwt, ReadsTheExampleOfTheStandard) {
  std::string key;
  ASSERT_TRUE(decode_base64url(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
      key));
  std::string token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  JwtVerifier verifier(key, {});
  const Instant then{1'300'819'000'000};
  EXPECT_EQ(verifier.verify(token, then).error().detail,
            "the token must name its subject (sub) as a string");
  token.back() = 'g';
  EXPECT_EQ(verifier.verify(token, then).error().detail, "the token's signature does not fit");
}

TEST(Jwt, RefusesAllButThreeParts) {
  const std::string token = sign(kHs256Header, kGoodClaims);
  for (const std::string& bad :
       {""s, "."s, ".."s, "..."s, "abc"s, "a.b"s, token + ".", "." + token, token + ".abc",
        token.substr(0, token.rfind('.')), token + "=", token + " ", " " + token, token + "\n",
        "Bearer " + token, token + std::string(kTokenBytesMax, 'A')}) {
    EXPECT_EQ(verdict(verify(bad)), "malformed") << bad;
  }
}

TEST(Jwt, BoundsTheToken) {
  // The claims take up what is left of 4096 bytes: 36 header, 43 signature, 2 dots.
  const auto padded = [](std::size_t bytes) {
    const std::string filled(bytes - kGoodClaims.size(), ' ');
    return sign(kHs256Header, std::string(kGoodClaims) + filled);
  };
  const std::string longest = padded(3'011);
  ASSERT_EQ(longest.size(), kTokenBytesMax);
  EXPECT_EQ(verdict(verify(longest)), "account ann");
  EXPECT_EQ(verdict(verify(padded(3'012))), "malformed");
}

TEST(Jwt, RefusesAnotherSignature) {
  const std::string token = sign(kHs256Header, kGoodClaims);
  const std::string text = token.substr(0, token.rfind('.') + 1);
  EXPECT_EQ(verdict(verify(sign(kHs256Header, kGoodClaims, kOtherKey))), "invalid");
  EXPECT_EQ(verdict(verify(text)), "invalid") << "empty";
  EXPECT_EQ(verdict(verify(text + encode_base64url(std::string(32, '\0')))), "invalid");
  EXPECT_EQ(verdict(verify(token.substr(0, token.size() - 3))), "invalid") << "30 bytes";
  EXPECT_EQ(verdict(verify(text + encode_base64url(std::string(33, 'x')))), "invalid");
}

// No other byte at any place, also not another spelling of the same signature.
TEST(Jwt, RefusesATokenWithAnyByteChanged) {
  const std::string token = sign(kHs256Header, kGoodClaims);
  JwtVerifier verifier(kTestKey, {});
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (int flip = 1; flip < 256; ++flip) {
      std::string changed = token;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      ASSERT_FALSE(verifier.verify(changed, kTestNow).has_value()) << i << " " << flip;
    }
  }
  EXPECT_TRUE(verifier.verify(token, kTestNow).has_value()) << "and it remembers none of that";
}

RC_GTEST_PROP(Jwt, RefusesAnythingUnsigned,
              (const std::string& header, const std::string& claims)) {
  const std::string token = sign(header, claims, kOtherKey);
  RC_ASSERT(!verify(token));
  RC_ASSERT(!verify(header + "." + claims + "."));
}

TEST(Jwt, IsBoundToItsAlgorithm) {
  for (const auto alg :
       {R"("none")"sv, R"("None")"sv, R"("hs256")"sv, R"("HS256 ")"sv, R"("HS384")"sv,
        R"("HS512")"sv, R"("RS256")"sv, R"("ES256")"sv, R"("")"sv, "null"sv, "256"sv, "true"sv,
        R"(["HS256"])"sv, R"({"HS256":1})"sv, R"("HS256\u0000")"sv}) {
    EXPECT_EQ(on_header(R"({"alg":)" + std::string(alg) + "}"), "invalid") << alg;
  }
  EXPECT_EQ(on_header("{}"), "invalid");
  EXPECT_EQ(on_header(R"({"ALG":"HS256"})"), "invalid");
  EXPECT_EQ(on_header(R"({"alg":"HS256","alg":"none"})"), "invalid");
  EXPECT_EQ(on_header(R"({"alg":"HS256","\u0061lg":"HS256"})"), "invalid") << "the same name";
  EXPECT_EQ(on_header(R"({"alg":"HS256"})"), "account ann");
  EXPECT_EQ(on_header(R"({"\u0061lg":"HS\u003256"})"), "account ann");
}

TEST(Jwt, RefusesAnUnsignedTokenOfAlgorithmNone) {
  const std::string unsigned_token =
      encode_base64url(R"({"alg":"none"})") + "." + encode_base64url(kGoodClaims) + ".";
  EXPECT_EQ(verdict(verify(unsigned_token)), "invalid");
}

TEST(Jwt, ReadsTheTypeButNoKeyOfTheHeader) {
  for (const auto typ : {"JWT", "jwt", "Jwt", "at+jwt", "AT+JWT"}) {
    EXPECT_EQ(on_header(R"({"alg":"HS256","typ":")" + std::string(typ) + "\"}"), "account ann");
  }
  for (const auto typ : {R"("JWE")", R"("")", R"("application/at+jwt")", R"("logout+jwt")", "null",
                         "1", R"(["JWT"])"}) {
    EXPECT_EQ(on_header(R"({"alg":"HS256","typ":)" + std::string(typ) + "}"), "invalid") << typ;
  }
  EXPECT_EQ(on_header(R"({"alg":"HS256","typ":"JWT","typ":"JWT"})"), "invalid");
  EXPECT_EQ(on_header(R"({"alg":"HS256","kid":7,"jku":"https://evil.example/","x5c":[],
                          "jwk":{"kty":"oct","k":"AAAA"}})"),
            "account ann");
}

TEST(Jwt, RefusesCriticalExtensions) {
  EXPECT_EQ(on_header(R"({"alg":"HS256","crit":["exp"],"exp":1})"), "invalid");
  EXPECT_EQ(on_header(R"({"alg":"HS256","crit":[]})"), "invalid");
  EXPECT_EQ(on_header(R"({"alg":"HS256","crit":null})"), "invalid");
}

TEST(Jwt, WantsTwoJsonObjects) {
  for (const auto json : {""sv, " "sv, "{"sv, "[]"sv, "null"sv, "1"sv, R"("alg")"sv, "{}{}"sv,
                          R"({"alg":"HS256",})"sv, "{'alg':'HS256'}"sv, "{\"a\":\"\xFF\"}"sv,
                          "\xEF\xBB\xBF{}"sv, "{\"a\":\"\n\"}"sv, "{}\0"sv}) {
    EXPECT_EQ(on_header(json), "malformed") << json;
    EXPECT_EQ(on_claims(json), "malformed") << json;
  }
  EXPECT_EQ(on_claims(std::string(1'200, '[')), "malformed");
}

TEST(Jwt, WantsASubject) {
  const auto on_sub = [](std::string_view sub) {
    return on_claims(R"({"exp":1767229200,"sub":)" + std::string(sub) + "}");
  };
  EXPECT_EQ(on_sub(R"("ann")"), "account ann");
  EXPECT_EQ(on_sub('"' + std::string(255, 'a') + '"'), "account " + std::string(255, 'a'));
  EXPECT_EQ(on_sub('"' + std::string(256, 'a') + '"'), "invalid");
  for (const auto sub : {R"("")"sv, "null"sv, "7"sv, "true"sv, R"(["ann"])"sv, "{}"sv,
                         R"("a\u0000b")"sv, R"("a\nb")"sv, R"("a\u0085b")"sv, R"("\u007f")"sv}) {
    EXPECT_EQ(on_sub(sub), "invalid") << sub;
  }
  for (const auto lone : {R"("\ud800")"sv, R"("\udc00")"sv, R"("\ud800\ud800")"sv}) {
    EXPECT_FALSE(
        verify(sign(kHs256Header, R"({"exp":1767229200,"sub":)" + std::string(lone) + "}")))
        << "a lone surrogate: " << lone;
  }
  EXPECT_EQ(on_claims(R"({"exp":1767229200})"), "invalid");
  EXPECT_EQ(on_claims(R"({"exp":1767229200,"SUB":"ann"})"), "invalid");
}

TEST(Jwt, WantsTimesInSeconds) {
  EXPECT_EQ(on_claims(R"({"sub":"ann"})"), "invalid");
  for (const auto bad :
       {"null", R"("1767229200")", "true", "[1767229200]", "{}", "-1", "-0.5", "9007199254740992",
        "9007199254740991.5e1", "18446744073709551615", "1e300"}) {
    const std::string text = bad;
    EXPECT_EQ(on_claims(R"({"sub":"ann","exp":)" + text + "}"), "invalid") << bad;
    EXPECT_EQ(on_claims(R"({"sub":"ann","exp":1767229200,"nbf":)" + text + "}"), "invalid") << bad;
  }
  // Numbers that no double holds are refused with the JSON they stand in.
  for (const auto huge : {"1e400", "18446744073709551616", "NaN", "Infinity", "01"}) {
    EXPECT_EQ(on_claims(R"({"sub":"ann","exp":)" + std::string(huge) + "}"), "malformed") << huge;
  }
  EXPECT_EQ(on_claims(R"({"sub":"ann","exp":9007199254740991})"), "account ann");
  EXPECT_EQ(on_claims(R"({"sub":"ann","exp":9.007199254740991e15})"), "account ann");
  EXPECT_EQ(on_claims(R"({"sub":"ann","exp":1.7672292e9})"), "account ann");
  EXPECT_EQ(on_claims(R"({"sub":"ann","exp":0})"), "expired");
  EXPECT_EQ(on_claims(R"({"sub":"ann","exp":9007199254740991,"nbf":9007199254740991})"), "not yet");
}

TEST(Jwt, RefusesAClaimThatIsThereTwice) {
  for (const auto twice :
       {R"({"sub":"ann","exp":1767229200,"sub":"ann"})", R"({"sub":"a","exp":1,"exp":1767229200})",
        R"({"sub":"ann","exp":1767229200,"nbf":0,"nbf":0})",
        R"({"sub":"ann","exp":1767229200,"aud":"a","aud":"b"})",
        R"({"sub":"ann","exp":1767229200,"iss":"a","iss":"b"})",
        R"({"sub":"ann","exp":1767229200,"\u0073ub":"bob"})"}) {
    EXPECT_EQ(on_claims(twice), "invalid") << twice;
  }
  EXPECT_EQ(on_claims(R"({"sub":"ann","exp":1767229200,"role":1,"role":2})"), "account ann")
      << "we do not read it";
}

TEST(Jwt, KeepsToItsTimesToTheMillisecond) {
  const auto at = [](std::string_view claims, std::int64_t ms, std::int64_t leeway_ms) {
    return verdict(verify(sign(kHs256Header, claims), Instant{ms}, {{}, "", leeway_ms}));
  };
  constexpr auto kWindow = R"({"sub":"ann","exp":2000,"nbf":1000})"sv;
  EXPECT_EQ(at(kWindow, 970'000 - 1, 30'000), "not yet");
  EXPECT_EQ(at(kWindow, 970'000, 30'000), "account ann");
  EXPECT_EQ(at(kWindow, 2'030'000 - 1, 30'000), "account ann");
  EXPECT_EQ(at(kWindow, 2'030'000, 30'000), "expired");
  EXPECT_EQ(at(kWindow, 1'000'000 - 1, 0), "not yet");
  EXPECT_EQ(at(kWindow, 1'000'000, 0), "account ann");
  EXPECT_EQ(at(kWindow, 2'000'000 - 1, 0), "account ann");
  EXPECT_EQ(at(kWindow, 2'000'000, 0), "expired");
  constexpr auto kFractions = R"({"sub":"ann","exp":2000.25,"nbf":1000.001})"sv;
  EXPECT_EQ(at(kFractions, 1'000'000, 0), "not yet");
  EXPECT_EQ(at(kFractions, 1'000'001, 0), "account ann");
  EXPECT_EQ(at(kFractions, 2'000'249, 0), "account ann");
  EXPECT_EQ(at(kFractions, 2'000'250, 0), "expired");
  // As a double, 1.005 s times 1000 is a little less than 1005 ms.
  EXPECT_EQ(at(R"({"sub":"ann","exp":1.005})", 1'004, 0), "account ann");
}

TEST(Jwt, ChecksTheAudienceWhereOneIsConfigured) {
  const JwtSettings settings{{"player", "tv"}, "", 0};
  const auto on_aud = [](std::string_view aud, const JwtSettings& with) {
    return on_claims(R"({"sub":"ann","exp":1767229200,"aud":)" + std::string(aud) + "}", with);
  };
  for (const auto good :
       {R"("player")", R"("tv")", R"(["tv"])", R"(["web","player"])", R"(["player","web"])"}) {
    EXPECT_EQ(on_aud(good, settings), "account ann") << good;
  }
  for (const auto bad :
       {R"("web")", R"("Player")", R"("")", "[]", R"(["web"])", "null", "7", R"({"player":1})",
        R"(["player",7])", R"([["player"]])", R"("player,tv")"}) {
    EXPECT_EQ(on_aud(bad, settings), "invalid") << bad;
    EXPECT_EQ(on_aud(bad, {}), "account ann") << "not asked for: " << bad;
  }
  EXPECT_EQ(on_claims(kGoodClaims, settings), "invalid") << "no audience";
}

TEST(Jwt, ChecksTheIssuerWhereOneIsConfigured) {
  const JwtSettings settings{{}, "https://id.example", 0};
  const auto on_iss = [](std::string_view iss, const JwtSettings& with) {
    return on_claims(R"({"sub":"ann","exp":1767229200,"iss":)" + std::string(iss) + "}", with);
  };
  EXPECT_EQ(on_iss(R"("https://id.example")", settings), "account ann");
  EXPECT_EQ(on_iss(R"("https:\/\/id.example")", settings), "account ann");
  for (const auto bad :
       {R"("https://id.example/")", R"("")", "null", "7", R"(["https://id.example"])"}) {
    EXPECT_EQ(on_iss(bad, settings), "invalid") << bad;
    EXPECT_EQ(on_iss(bad, {}), "account ann") << "not asked for: " << bad;
  }
  EXPECT_EQ(on_claims(kGoodClaims, settings), "invalid") << "no issuer";
}

TEST(Jwt, SaysNothingOfTheTokenInItsErrors) {
  const std::string secret = "geheim";
  for (const std::string& claims :
       {R"({"sub":["geheim"],"exp":1767229200})"s, R"({"sub":"geheim\n","exp":1767229200})"s,
        R"({"sub":"geheim","exp":"geheim"})"s, R"({"sub":"geheim","exp":1})"s,
        R"({"sub":"ann","exp":1767229200,"aud":"geheim","iss":"geheim"})"s}) {
    const std::string token = sign(kHs256Header, claims);
    const auto identity = verify(token, kTestNow, {{"player"}, "", 0});
    ASSERT_FALSE(identity.has_value());
    EXPECT_EQ(identity.error().detail.find(secret), std::string::npos);
    EXPECT_EQ(identity.error().detail.find(token.substr(0, 8)), std::string::npos);
    EXPECT_EQ(identity.error().pointer, "");
  }
}

TEST(Jwt, CanBeMoved) {
  JwtVerifier first(kTestKey, {});
  JwtVerifier second(std::move(first));
  EXPECT_TRUE(second.verify(sign(kHs256Header, kGoodClaims), kTestNow).has_value());
}

TEST(Mint, WritesWhatTheVerifierAsksFor) {
  const Claims claims{"ann", kTestNow, Instant{kTestNow.ms + kHourMs}, "https://id.example",
                      "player"};
  const auto identity =
      verify(mint(kTestKey, claims), kTestNow, {{"player"}, "https://id.example", 0});
  ASSERT_TRUE(identity.has_value()) << identity.error().detail;
  EXPECT_EQ(identity->account, "ann");
  EXPECT_EQ(identity->expires_at, claims.expires_at);
  EXPECT_EQ(mint(kTestKey, {"a", Instant{1'999}, Instant{2'999}, "", ""}),
            sign(kHs256Header, R"({"sub":"a","iat":1,"exp":2})"));
}

// A text of printable characters: quotes, escapes and every plane of Unicode among them.
rc::Gen<std::string> printable_account() {
  const auto character =
      rc::gen::oneOf(rc::gen::map(rc::gen::inRange<int>(0x20, 0x7F),
                                  [](int c) { return std::string(1, static_cast<char>(c)); }),
                     rc::gen::element<std::string>("\"", "\\", "/", "é", "\u00A0", "߿", "\u2028",
                                                   "漢", "\uFFFD", "😀", "\U0010FFFF"));
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(character)),
                      [](const std::vector<std::string>& characters) {
                        std::string account;
                        for (const std::string& next : characters) {
                          if (account.size() + next.size() > 255) break;
                          account += next;
                        }
                        return account;
                      });
}

RC_GTEST_PROP(Mint, RoundTripsAnyPrintableAccount, ()) {
  const std::string account = *printable_account();
  const std::string token =
      mint(kTestKey, {account, kTestNow, Instant{kTestNow.ms + 1'000}, account, account});
  const auto identity = verify(token, kTestNow, {{account}, account, 0});
  RC_ASSERT(identity.has_value());
  RC_ASSERT(identity->account == account);
}

}  // namespace
}  // namespace playhead
