// The table of well-formed byte sequences: Unicode 15, table 3-7.
#include "telemetry/utf8.h"

#include <cstdint>

namespace playhead {

std::size_t utf8_length(std::string_view text) {
  const auto in = [&](std::size_t i, unsigned low, unsigned high) {
    if (i >= text.size()) return false;
    const unsigned byte = static_cast<std::uint8_t>(text[i]);
    return byte >= low && byte <= high;
  };
  const auto tails = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      if (!in(i, 0x80, 0xBF)) return false;
    }
    return true;
  };
  if (in(0, 0x00, 0x7F)) return 1;
  if (in(0, 0xC2, 0xDF)) return tails(1, 2) ? 2 : 0;
  if (in(0, 0xE0, 0xEF)) {
    const bool e0 = in(0, 0xE0, 0xE0);  // overlong below A0
    const bool ed = in(0, 0xED, 0xED);  // surrogates above 9F
    return in(1, e0 ? 0xA0 : 0x80, ed ? 0x9F : 0xBF) && tails(2, 3) ? 3 : 0;
  }
  if (in(0, 0xF0, 0xF4)) {
    const bool f0 = in(0, 0xF0, 0xF0);  // overlong below 90
    const bool f4 = in(0, 0xF4, 0xF4);  // past U+10FFFF above 8F
    return in(1, f0 ? 0x90 : 0x80, f4 ? 0x8F : 0xBF) && tails(2, 4) ? 4 : 0;
  }
  return 0;
}

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";  // U+FFFD
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

}  // namespace playhead
