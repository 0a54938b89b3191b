// What a request is about: which targets and hosts are well-formed, and a target's two parts.
#pragma once

#include <string_view>

#include "http/message.h"

namespace playhead {

/// Whether a text is uri-host [ ":" port ] (RFC 9110 §7.2) with a host that is not empty.
bool is_host(std::string_view text);

/// What to tell the caller of a target that is refused, or null for one that is good: a path, an
/// http URI, or for OPTIONS the asterisk (RFC 9112 §3.2).
const char* what_is_wrong_with_target(std::string_view target, Method method);

/// The parts of a good target, still percent-encoded; they borrow from it, or live for ever.
struct TargetParts {
  std::string_view path;
  std::string_view query;
};
TargetParts split_target_of(std::string_view target, Method method);

}  // namespace playhead
