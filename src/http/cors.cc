// CORS head lines.
#include "http/cors.h"

#include <algorithm>

namespace playhead {

Cors::Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

std::string_view Cors::allowed(std::string_view origin) const {
  if (origin.empty()) return {};
  const auto found = std::find_if(origins_.begin(), origins_.end(), [&](const auto& configured) {
    return configured == origin || configured == "*";
  });
  return found == origins_.end() ? std::string_view{} : *found;
}

void Cors::append_head_lines(std::string_view allowed, std::string& out) const {
  if (origins_.empty()) return;
  // The answer differs by origin, so a cache must too, also where this one is not allowed.
  out.append("Vary: Origin\r\n");
  if (allowed.empty()) return;
  out.append("Access-Control-Allow-Origin: ").append(allowed).append("\r\n");
  out.append(
      "Access-Control-Expose-Headers: ETag, Playhead-Interval, RateLimit, RateLimit-Policy, "
      "Retry-After\r\n");
}

void Cors::append_preflight_lines(std::string_view methods, std::string& out) {
  out.append("Access-Control-Allow-Methods: ").append(methods).append("\r\n");
  out.append("Access-Control-Allow-Headers: Authorization, Content-Type, If-None-Match\r\n");
  out.append("Access-Control-Max-Age: 7200\r\n");
}

}  // namespace playhead
