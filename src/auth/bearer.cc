// Reading `Authorization: Bearer …`.
#include "auth/bearer.h"

#include <algorithm>
#include <string>

#include <absl/strings/ascii.h>

#include "auth/hash.h"

namespace playhead {
namespace {

constexpr std::string_view kScheme = "Bearer";

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

TokenPrint print_of(std::string_view token, std::uint64_t seed) {
  TokenPrint print{hash128(token, seed), {}};
  const std::string_view end =
      token.substr(token.size() - std::min(token.size(), print.end.size()));
  std::ranges::copy(end, print.end.begin());
  return print;
}

bool same_token(const TokenPrint& a, const TokenPrint& b) {
  return a.hash == b.hash &&
         equal_in_constant_time({a.end.data(), a.end.size()}, {b.end.data(), b.end.size()});
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
