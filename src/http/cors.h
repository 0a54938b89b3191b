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

  bool allows(std::string_view origin) const;

  /// Head lines of an answer to a page of `origin`; only Vary where it is not allowed, nothing
  /// where none is configured.
  void append_head_lines(std::string_view origin, std::string& out) const;

  /// Head lines of a preflight's answer: what is allowed, for two hours (Chromium keeps no longer).
  void append_preflight_lines(std::string_view origin, std::string_view methods,
                              std::string& out) const;

 private:
  std::vector<std::string> origins_;
  bool any_ = false;
};

}  // namespace playhead
