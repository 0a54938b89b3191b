// Which web pages may call us (Fetch standard, CORS protocol).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace playhead {

/// The configured origins. Immutable; shared by all loops.
class Cors {
 public:
  /// Exact origins such as "https://tv.example", or "*" for all; none: no page of another origin.
  explicit Cors(std::vector<std::string> origins);

  /// What a page of `origin` is allowed as: its origin, or "*"; "" where it is not. As configured,
  /// and so of a bounded length; lives as long as this.
  std::string_view allowed(std::string_view origin) const;

  /// Head lines of an answer to a page that is `allowed` so; only Vary where that is "", nothing
  /// where no origin is configured.
  void append_head_lines(std::string_view allowed, std::string& out) const;

  /// Head lines of a preflight's answer: what is allowed, for two hours (Chromium keeps no longer).
  static void append_preflight_lines(std::string_view methods, std::string& out);

 private:
  std::vector<std::string> origins_;
};

}  // namespace playhead
