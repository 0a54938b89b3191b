// Verifying and minting JWTs. The signature is checked before a single claim is parsed.
#include "auth/jwt.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <boost/json.hpp>
#include <simdjson.h>

#include "base/base64url.h"
#include "domain/ids.h"

namespace playhead {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

// Beyond 2^53 - 1 JSON numbers stop being exact (RFC 8259 §6).
constexpr std::int64_t kSecondsMax = (std::int64_t{1} << 53) - 1;

auto malformed(std::string detail) {
  return fail(ErrorCode::token_malformed, std::move(detail));
}
auto invalid(std::string detail) {
  return fail(ErrorCode::token_invalid, std::move(detail));
}

// The three parts of a token, and the text its signature stands for.
struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view signed_text;
};

Result<Parts> split(std::string_view token) {
  if (token.size() > kTokenBytesMax) {
    return malformed("the token must be at most " + std::to_string(kTokenBytesMax) + " bytes");
  }
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == last) return malformed("the token must have three parts");
  const Parts parts{token.substr(0, first), token.substr(first + 1, last - first - 1),
                    token.substr(last + 1), token.substr(0, last)};
  // A further dot falls out here, too.
  if (!is_base64url(parts.header) || !is_base64url(parts.claims) ||
      !is_base64url(parts.signature)) {
    return malformed("the token must have three parts of base64url without padding");
  }
  return parts;
}

// The members of a JSON object that we read, by name.
template <std::size_t N>
using Members = std::array<std::pair<std::string_view, std::optional<element>>, N>;

// Fills the members; false if one is there twice: RFC 7515 §4 and RFC 7519 §4 allow to
// refuse that, and parsers differ in which of the two they take.
template <std::size_t N>
bool read_members(object json, Members<N>& members) {
  for (const auto member : json) {
    for (auto& [name, value] : members) {
      if (member.key != name) continue;
      if (value) return false;
      value = member.value;
    }
  }
  return true;
}

std::optional<std::string_view> string_of(const std::optional<element>& json) {
  if (!json || !json->is_string()) return std::nullopt;
  return json->get_string().value_unsafe();
}

// Other members, also those that bring a key of their own (jwk, jku, x5c, kid), are not looked at.
Result<void> check_header(object json) {
  Members<3> members{{{"alg", {}}, {"typ", {}}, {"crit", {}}}};
  auto& [alg, typ, crit] = members;
  if (!read_members(json, members)) return invalid("the token's header names a member twice");
  if (string_of(alg.second) != "HS256") return invalid("the token must be signed with HS256");
  // RFC 7515 §4.1.11: extensions that we do not understand, and we understand none.
  if (crit.second) return invalid("the token's header asks for extensions (crit)");
  if (!typ.second) return {};
  const auto type = string_of(typ.second);
  // RFC 7519 §5.1 and RFC 9068 §2.1. Others are tokens for something else, such as a logout.
  if (!type || !(equal_ignoring_case(*type, "JWT") || equal_ignoring_case(*type, "at+jwt"))) {
    return invalid("the token's type must be JWT or at+jwt");
  }
  return {};
}

// A NumericDate (RFC 7519 §2) in milliseconds; nullopt if it is no number or out of range.
std::optional<std::int64_t> ms_of(element seconds) {
  if (seconds.type() == element_type::INT64) {
    const std::int64_t whole = seconds.get_int64().value_unsafe();
    if (whole < 0 || whole > kSecondsMax) return std::nullopt;
    return whole * kSecondMs;
  }
  if (seconds.type() == element_type::DOUBLE) {
    const double parts = seconds.get_double().value_unsafe();
    // Written so that it is also false for what is not a number.
    if (!(parts >= 0 && parts <= static_cast<double>(kSecondsMax))) return std::nullopt;
    return std::llround(parts * static_cast<double>(kSecondMs));
  }
  return std::nullopt;
}

// RFC 7519 §4.1.3: `aud` is one string, or an array of strings.
bool is_for(const std::optional<element>& aud, const std::vector<std::string>& audiences) {
  const auto listed = [&](std::string_view name) {
    return std::find(audiences.begin(), audiences.end(), name) != audiences.end();
  };
  if (const auto name = string_of(aud)) return listed(*name);
  if (!aud || !aud->is_array()) return false;
  bool found = false;
  const simdjson::dom::array names = aud->get_array().value_unsafe();
  for (const element item : names) {
    const auto name = string_of(item);
    if (!name) return false;
    found = found || listed(*name);
  }
  return found;
}

// Everything but the time, which the caller checks.
Result<Identity> read_claims(object json, const JwtSettings& settings) {
  Members<5> members{{{"sub", {}}, {"exp", {}}, {"nbf", {}}, {"aud", {}}, {"iss", {}}}};
  auto& [sub, exp, nbf, aud, iss] = members;
  if (!read_members(json, members)) return invalid("the token names a claim twice");
  if (!settings.issuer.empty() && string_of(iss.second) != settings.issuer) {
    return invalid("the token comes from another issuer (iss)");
  }
  if (!settings.audiences.empty() && !is_for(aud.second, settings.audiences)) {
    return invalid("the token is for another audience (aud)");
  }
  const auto account = string_of(sub.second);
  if (!account) return invalid("the token must name its subject (sub) as a string");
  if (const auto good = check_id(*account, kAccountBytesMax, Emptiness::refused, {}); !good) {
    return invalid("the token's subject (sub) " + good.error().detail);
  }
  const auto expires_at_ms = exp.second ? ms_of(*exp.second) : std::nullopt;
  if (!expires_at_ms) return invalid("the token must say in seconds when it expires (exp)");
  const auto not_before_ms = nbf.second ? ms_of(*nbf.second) : 0;
  if (!not_before_ms) return invalid("the token's start (nbf) must be in seconds");
  return Identity{Instant{*expires_at_ms + settings.leeway_ms},
                  Instant{std::max<std::int64_t>(*not_before_ms - settings.leeway_ms, 0)},
                  {},
                  std::string(*account)};
}

}  // namespace

// The parser and its padded input, kept so that a verification allocates only what it returns.
struct JwtVerifier::Json {
  simdjson::dom::parser parser;
  std::string text;

  // The object in one part of a token; it lives until the next call.
  std::optional<object> read(std::string_view part) {
    if (!decode_base64url(part, text)) return std::nullopt;
    const std::size_t size = text.size();
    text.append(simdjson::SIMDJSON_PADDING, '\0');
    object json;
    if (parser.parse(text.data(), size, false).get_object().get(json) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    return json;
  }
};

JwtVerifier::JwtVerifier(std::string_view key, JwtSettings settings)
    : hmac_(key), settings_(std::move(settings)), json_(std::make_unique<Json>()) {}
JwtVerifier::JwtVerifier(JwtVerifier&&) noexcept = default;
JwtVerifier& JwtVerifier::operator=(JwtVerifier&&) noexcept = default;
JwtVerifier::~JwtVerifier() = default;

Result<Identity> JwtVerifier::verify(std::string_view token, Instant now) {
  const auto parts = split(token);
  if (!parts) return tl::unexpected(parts.error());
  const auto header = json_->read(parts->header);
  if (!header) return malformed("the token's header must be a JSON object");
  if (auto good = check_header(*header); !good) return tl::unexpected(std::move(good.error()));
  if (!decode_base64url(parts->signature, json_->text)) {
    return malformed("the token's signature must be base64url");
  }
  if (!equal_in_constant_time(json_->text, view_of(hmac_.of(parts->signed_text)))) {
    return invalid("the token's signature does not fit");
  }
  const auto claims = json_->read(parts->claims);
  if (!claims) return malformed("the token's claims must be a JSON object");
  auto identity = read_claims(*claims, settings_);
  if (!identity) return identity;
  if (auto in_time = check_time(*identity, now); !in_time) {
    return tl::unexpected(std::move(in_time.error()));
  }
  return identity;
}

std::string mint(std::string_view key, const Claims& claims) {
  boost::json::object json{{"sub", claims.sub},
                           {"iat", claims.issued_at.ms / kSecondMs},
                           {"exp", claims.expires_at.ms / kSecondMs}};
  if (!claims.issuer.empty()) json["iss"] = claims.issuer;
  if (!claims.audience.empty()) json["aud"] = claims.audience;
  std::string token = encode_base64url(R"({"alg":"HS256","typ":"JWT"})");
  token += '.' + encode_base64url(boost::json::serialize(json));
  const Digest signature = HmacSha256(key).of(token);
  token += '.' + encode_base64url(view_of(signature));
  return token;
}

}  // namespace playhead
