// Entity tags: the same content, the same tag, on every instance.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace playhead {

/// The strong tag of these bytes, in its quotes. It tells bodies apart, and is no signature: who
/// sees a tag sees the body. SHA-256 took a tenth of a row.
std::string entity_tag(std::string_view bytes);

/// Whether a request that has this If-None-Match has what `tag` names already (RFC 9110 §13.1.2;
/// weak comparison, lists and "*").
bool names_tag(std::string_view if_none_match, std::string_view tag);

/// Makes a JSON body into the answer of a private, revalidated resource: with its ETag, or 304
/// where `if_none_match` names that.
Answer tagged_answer(std::string body, std::string_view if_none_match);

}  // namespace playhead
