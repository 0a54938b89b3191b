// The check every id passes before it is used.
#include "domain/ids.h"

#include <cstdint>

#include <simdjson.h>

namespace playhead {
namespace {

// C0, DEL, and C1, which UTF-8 writes as C2 80 to C2 9F. `text` is valid UTF-8.
bool has_control_character(std::string_view text) {
  unsigned previous = 0;
  for (const char c : text) {
    const unsigned byte = static_cast<std::uint8_t>(c);
    if (byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0)) return true;
    previous = byte;
  }
  return false;
}

}  // namespace

Result<void> check_id(std::string_view text, std::size_t bytes_max, Emptiness emptiness,
                      std::string_view pointer) {
  const auto refuse = [&](std::string detail) {
    return fail(ErrorCode::invalid_field, std::move(detail), std::string(pointer));
  };
  if (text.empty() && emptiness == Emptiness::refused) return refuse("must not be empty");
  if (text.size() > bytes_max) {
    return refuse("must be at most " + std::to_string(bytes_max) + " bytes of UTF-8");
  }
  if (!simdjson::validate_utf8(text.data(), text.size())) return refuse("must be valid UTF-8");
  if (has_control_character(text)) return refuse("must not hold control characters");
  return {};
}

}  // namespace playhead
