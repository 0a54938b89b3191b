// Tokens: nothing passes that the key did not sign, and what passes says what it must.
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth/jwt.h"
#include "domain/ids.h"
#include "fuzz/fuzz.h"

namespace playhead::fuzz {
namespace {

constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";
constexpr Instant kNow{1'767'225'600'000};

JwtVerifier& verifier() {
  static JwtVerifier made(kKey, {});
  return made;
}

JwtVerifier& strict_verifier() {
  static JwtVerifier made(kKey, {{"player"}, "issuer", 0});
  return made;
}

// Base64url by OpenSSL, which is not what the program uses.
std::string base64url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (!text.empty() && text.back() == '=') text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::string signature_of(std::string_view text) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), kKey.data(), static_cast<int>(kKey.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return base64url({reinterpret_cast<const char*>(mac), size});
}

// The bytes as a whole, as a stranger would send them.
void check_unsigned(std::string_view token) {
  const auto identity = verifier().verify(token, kNow);
  if (!identity) return;
  const std::size_t last = token.rfind('.');
  require(token.substr(last + 1) == signature_of(token.substr(0, last)),
          "what passes was signed by the key, in one spelling");
}

// A header and claims that somebody with the key signed: Boost.JSON says what they are.
void check_signed(std::string_view header, std::string_view claims) {
  const std::string text = base64url(header) + "." + base64url(claims);
  const std::string token = text + "." + signature_of(text);
  const auto identity = verifier().verify(token, kNow);
  const auto strict = strict_verifier().verify(token, kNow);
  if (!identity) {
    require(!strict, "settings only add to what is asked for");
    return;
  }
  namespace json = boost::json;
  boost::system::error_code error;
  const json::value head = json::parse({header.data(), header.size()}, error);
  require(!error && head.is_object(), "the header is an object");
  const json::value* alg = head.as_object().if_contains("alg");
  require(alg != nullptr && alg->is_string() && alg->as_string() == "HS256", "HS256 and no other");
  require(!head.as_object().contains("crit"), "no extension is understood");
  const json::value body = json::parse({claims.data(), claims.size()}, error);
  require(!error && body.is_object(), "the claims are an object");
  const json::value* sub = body.as_object().if_contains("sub");
  require(sub != nullptr && sub->is_string(), "a subject is a string");
  require(identity->account == std::string_view(sub->as_string().data(), sub->as_string().size()),
          "the account is the subject");
  require(check_id(identity->account, kAccountBytesMax, Emptiness::refused, {}).has_value(),
          "the account is an id");
  require(body.as_object().contains("exp"), "a token ends");
  require(kNow < identity->expires_at && identity->not_before <= kNow, "it is in time");
  if (!strict) return;
  const json::value* iss = body.as_object().if_contains("iss");
  require(iss != nullptr && iss->is_string() && iss->as_string() == "issuer", "the issuer is ours");
  require(body.as_object().contains("aud"), "an audience is named");
}

// What the program mints, it takes back.
void check_minted(std::string_view account) {
  if (!check_id(account, kAccountBytesMax, Emptiness::refused, {})) return;
  const Claims claims{std::string(account), kNow, Instant{kNow.ms + 1'000}, "issuer", "player"};
  const auto identity = strict_verifier().verify(mint(kKey, claims), kNow);
  require(identity && identity->account == account, "what is minted passes");
}

}  // namespace
}  // namespace playhead::fuzz

// A whole token; or header NUL claims, which are signed here.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace playhead::fuzz;
  Input input(data, size);
  check_unsigned(input.rest());
  const std::string_view header = input.until('\0');
  check_signed(header, input.rest());
  check_minted(input.rest());
  return 0;
}
