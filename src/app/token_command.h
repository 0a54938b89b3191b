// `playhead token`: a bearer token for scripts and first steps.
#pragma once

#include <string>

#include "app/settings.h"

namespace playhead {

struct TokenRequest {
  std::string sub;
  std::string ttl = "1h";
};

/// Prints only the token, signed with the configured key or the data folder's, with the first
/// configured audience and the issuer. The exit code: 0, or 1 with the reason on standard error.
int print_token(const Settings& settings, const TokenRequest& request);

}  // namespace playhead
