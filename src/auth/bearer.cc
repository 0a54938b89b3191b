// Reading `Authorization: Bearer …`.
#include "auth/bearer.h"

#include <algorithm>
#include <string>

#include <absl/strings/ascii.h>

#include "auth/hash.h"

namespace playhead {
namespace {

constexpr std::string_view kScheme = "Bearer";

// 32 characters of base64url are 192 bits.
constexpr std::size_t kSignatureEnd = 32;

std::string_view end_of_signature(std::string_view token) {
  return token.substr(token.size() - std::min(token.size(), kSignatureEnd));
}

}  // namespace

Result<std::string_view> bearer_token(std::string_view authorization_header) {
  if (authorization_header.empty()) {
    return fail(ErrorCode::token_missing, "the Authorization header is missing");
  }
  std::string_view token = authorization_header;
  if (!equal_ignoring_case(token.substr(0, kScheme.size()), kScheme)) {
    return fail(ErrorCode::token_malformed, "the Authorization header must use the scheme Bearer");
  }
  token.remove_prefix(kScheme.size());
  const std::size_t spaces = token.find_first_not_of(' ');
  if (spaces == 0) {
    return fail(ErrorCode::token_malformed, "the Authorization header must use the scheme Bearer");
  }
  if (spaces == std::string_view::npos) {
    return fail(ErrorCode::token_malformed, "the Authorization header holds no token");
  }
  token.remove_prefix(spaces);
  if (token.size() > kTokenBytesMax) {
    return fail(ErrorCode::token_malformed,
                "the token must be at most " + std::to_string(kTokenBytesMax) + " bytes");
  }
  return token;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return absl::ascii_tolower(static_cast<unsigned char>(x)) ==
           absl::ascii_tolower(static_cast<unsigned char>(y));
  });
}

bool same_token(const Identity& identity, std::string_view authorization_header) {
  const auto token = bearer_token(authorization_header);
  if (!token || token->size() != identity.token.size()) return false;
  // Two tokens differ at their ends, and nobody guesses the end of another's: to stop here tells
  // them nothing, and saves reading a token that is seldom in the processor's cache.
  if (!equal_in_constant_time(end_of_signature(*token), end_of_signature(identity.token))) {
    return false;
  }
  return equal_in_constant_time(*token, identity.token);
}

Result<void> check_time(const Identity& identity, Instant now) {
  if (now < identity.not_before) {
    return fail(ErrorCode::token_not_yet_valid, "the token is not valid yet");
  }
  if (now >= identity.expires_at) {
    return fail(ErrorCode::token_expired, "the token has expired");
  }
  return {};
}

}  // namespace playhead
