// The demo's settings, its viewers, and its address.
#include "app/demo.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <string_view>

#include <boost/asio/ip/address.hpp>

#include "app/demo_files.h"
#include "app/serve.h"
#include "auth/jwt.h"
#include "http/json_writer.h"

namespace playhead {
namespace {

// Who can be signed in, by the last segment of the address; web/demo/catalogue.js names them.
constexpr std::array<std::string_view, 2> kViewers = {"mia", "noah"};

// Apart from the accounts of a folder that is used for more than the demo.
constexpr std::string_view kAccountPrefix = "demo-";

// Short, so that a player that is left open has to ask for another.
constexpr std::int64_t kTokenLifeMs = 10 * kMinuteMs;

bool is_loopback(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

}  // namespace

// The videos last a minute or two, so a minute of a real title is a second here, in every rule that
// has a time.
std::vector<std::pair<std::string, std::string>> demo_defaults() {
  return {
      {"policy.start_position_ms", "2s"},
      {"policy.finish_left_ms", "3s"},
      {"policy.finish_left_min_duration_ms", "15s"},
      {"policy.short_title_ms", "5s"},
      {"http.playhead_interval_s", "2"},
  };
}

std::unique_ptr<const Demo> make_demo(const std::string& key, const AuthSettings& auth) {
  auto sign_in = [key, auth](std::string_view viewer, Instant now) -> std::optional<std::string> {
    if (std::ranges::find(kViewers, viewer) == kViewers.end()) return std::nullopt;
    Claims claims;
    claims.sub = std::string(kAccountPrefix).append(viewer);
    claims.issued_at = now;
    claims.expires_at = Instant{now.ms + kTokenLifeMs};
    claims.issuer = auth.issuer;
    if (!auth.audiences.empty()) claims.audience = auth.audiences.front();
    JsonWriter json;
    json.begin_object();
    json.put("token", mint(key, claims));
    json.put("expires_in_ms", kTokenLifeMs);
    json.end_object();
    return json.text();
  };
  return std::make_unique<const Demo>(Demo{Assets(demo_files()), std::move(sign_in)});
}

int serve_demo(const Settings& settings, bool any_address) {
  if (!any_address && !is_loopback(settings.http.listen.host)) {
    std::cerr << "playhead demo: signs in whoever asks, so it listens on this machine only: leave "
              << settings.http.listen.host << " for 127.0.0.1, or say --any-address\n";
    return 2;
  }
  return serve(settings, Mode::demo);
}

}  // namespace playhead
