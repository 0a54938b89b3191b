// Reading the target; the numbers that follow from others.
#include "load/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <boost/asio/ip/address.hpp>

namespace playhead {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr std::uint32_t kViewersMin = 100;

tl::unexpected<Error> no_target(std::string_view url) {
  return fail(ErrorCode::invalid_field,
              "--target must be http://address:port, such as http://127.0.0.1:8080, and not " +
                  std::string(url));
}

}  // namespace

std::uint32_t viewers_for(double rate_per_s, std::int64_t beat_ms) {
  const double viewers = std::ceil(rate_per_s * static_cast<double>(beat_ms) / 1'000);
  return static_cast<std::uint32_t>(std::clamp(viewers, 1.0 * kViewersMin, 1.0 * kViewersMax));
}

std::size_t share_of(std::size_t total, std::size_t index, std::size_t threads) {
  return total / threads + (index < total % threads ? 1 : 0);
}

Result<LoadTarget> parse_target(std::string_view url, bool allow_remote) {
  if (!url.starts_with(kScheme)) return no_target(url);
  std::string_view host = url.substr(kScheme.size());
  if (host.ends_with('/')) host.remove_suffix(1);
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  LoadTarget target;
  target.host = std::string(host);
  target.address.port = 80;
  if (has_port) {
    const std::string_view port = host.substr(colon + 1);
    const auto [end, wrong] =
        std::from_chars(port.data(), port.data() + port.size(), target.address.port);
    if (wrong != std::errc() || end != port.data() + port.size() || target.address.port == 0) {
      return no_target(url);
    }
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  target.address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(target.address.host, error);
  if (error) return no_target(url);
  if (!address.is_loopback() && !allow_remote) {
    return fail(
        ErrorCode::invalid_field,
        target.address.host + " is not this machine; give --allow-remote if it is yours to load");
  }
  return target;
}

}  // namespace playhead
