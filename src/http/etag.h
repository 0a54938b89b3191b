// Entity tags: the same content, the same tag, on every instance.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace playhead {

/// Makes a JSON body into the answer of a private, revalidated resource: with its ETag, or 304
/// where `if_none_match` holds that (RFC 9110 §13.1.2; weak comparison, lists and "*").
Answer tagged_answer(std::string body, std::string_view if_none_match);

}  // namespace playhead
