// CORS head lines.
#include "http/cors.h"

#include <algorithm>

namespace playhead {

Cors::Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {
  any_ = std::find(origins_.begin(), origins_.end(), "*") != origins_.end();
}

bool Cors::allows(std::string_view origin) const {
  if (origin.empty()) return false;
  return any_ || std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

void Cors::append_head_lines(std::string_view origin, std::string& out) const {
  if (origins_.empty()) return;
  // The answer differs by origin, so a cache must too, also where this one is not allowed.
  out.append("Vary: Origin\r\n");
  if (!allows(origin)) return;
  out.append("Access-Control-Allow-Origin: ").append(origin).append("\r\n");
  out.append(
      "Access-Control-Expose-Headers: ETag, Playhead-Interval, RateLimit, RateLimit-Policy, "
      "Retry-After\r\n");
}

void Cors::append_preflight_lines(std::string_view origin, std::string_view methods,
                                  std::string& out) const {
  if (!allows(origin)) return;
  out.append("Access-Control-Allow-Methods: ").append(methods).append("\r\n");
  out.append("Access-Control-Allow-Headers: Authorization, Content-Type, If-None-Match\r\n");
  out.append("Access-Control-Max-Age: 7200\r\n");
}

}  // namespace playhead
