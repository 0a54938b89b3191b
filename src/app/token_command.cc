// Minting a token on the command line.
#include "app/token_command.h"

#include <iostream>

#include "app/command_output.h"
#include "app/data_folder.h"
#include "app/settings_forms.h"
#include "auth/jwt.h"
#include "base/clock.h"
#include "domain/ids.h"

namespace playhead {
namespace {

// A token that outlives a year is a password nobody changes.
constexpr std::int64_t kTtlMaxMs = 366 * kDayMs;

}  // namespace

int print_token(const Settings& settings, const TokenRequest& request) {
  const auto sub = check_id(request.sub, kAccountBytesMax, Emptiness::refused, "--sub");
  if (!sub) return refuse("token", "--sub " + sub.error().detail);
  const auto ttl_ms = parse_number(SettingKind::duration, request.ttl);
  if (!ttl_ms || *ttl_ms < kSecondMs || *ttl_ms > kTtlMaxMs) {
    return refuse("token", "--ttl must be between 1s and 366d, such as 90s, 1h or 30d");
  }
  if (auto folder = make_data_folder(settings.data.folder); !folder) {
    return refuse("token", folder.error().detail);
  }
  const auto key = signing_key(settings);
  if (!key) return refuse("token", key.error().detail);
  SystemClock clock;
  Claims claims;
  claims.sub = request.sub;
  claims.issued_at = clock.now();
  claims.expires_at = Instant{claims.issued_at.ms + *ttl_ms};
  claims.issuer = settings.auth.issuer;
  if (!settings.auth.audiences.empty()) claims.audience = settings.auth.audiences.front();
  std::cout << mint(*key, claims) << '\n';
  return 0;
}

}  // namespace playhead
