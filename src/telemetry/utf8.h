// Making text valid UTF-8, for whatever must be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace playhead {

/// The bytes, 1..4, of the character that `text` begins with; 0 where it is not valid UTF-8 (RFC
/// 3629: no overlong forms, no surrogates, nothing past U+10FFFF) or empty.
std::size_t utf8_length(std::string_view text);

/// The text with every byte that is not part of a valid character replaced by U+FFFD. Never
/// shorter, and at most three times as long.
std::string to_valid_utf8(std::string_view text);

}  // namespace playhead
