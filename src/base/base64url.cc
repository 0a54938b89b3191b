// Base64url, strictly: absl leaves padding, white space and unused bits open.
#include "base/base64url.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <absl/strings/escaping.h>

namespace playhead {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNone = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> kValues = make_values();

std::uint8_t value_of(char c) {
  return kValues[static_cast<std::uint8_t>(c)];
}

// The last character of a group of 2 carries 4 bits that no byte uses, of a group of 3 it is 2.
// absl ignores them, so that one signature would have several spellings.
bool ends_canonically(std::string_view text) {
  switch (text.size() % 4) {
    case 0:
      return true;
    case 2:
      return (value_of(text.back()) & 0x0F) == 0;
    case 3:
      return (value_of(text.back()) & 0x03) == 0;
    default:
      return false;
  }
}

// Debian builds absl for C++14, where its string_view is not std's.
absl::string_view absl_view(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

bool is_base64url(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return value_of(c) != kNone; });
}

bool decode_base64url(std::string_view text, std::string& bytes) {
  return is_base64url(text) && ends_canonically(text) &&
         absl::WebSafeBase64Unescape(absl_view(text), &bytes);
}

std::string encode_base64url(std::string_view bytes) {
  return absl::WebSafeBase64Escape(absl_view(bytes));
}

}  // namespace playhead
