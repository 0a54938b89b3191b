// The written forms of durations, sizes, percentages, addresses, keys and origins.
#include "app/settings_forms.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <system_error>
#include <utility>

#include <absl/strings/escaping.h>
#include <arpa/inet.h>

namespace playhead {
namespace {

using Int64Limits = std::numeric_limits<std::int64_t>;

struct Suffix {
  std::string_view text;
  std::int64_t factor;
};

// Largest first, so that a value is written in the largest unit that holds it exactly.
constexpr std::array<Suffix, 6> kDurationSuffixes = {
    {{"d", kDayMs}, {"h", kHourMs}, {"m", kMinuteMs}, {"s", kSecondMs}, {"ms", 1}, {"", 1}}};
constexpr std::array<Suffix, 4> kSizeSuffixes = {
    {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}}};
constexpr std::array<Suffix, 1> kCountSuffixes = {{{"", 1}}};

// A whole number and a suffix. What does not fit 64 bits becomes the nearest that does, which is
// past every bound, so that it is refused as too large and not as unreadable.
std::optional<std::int64_t> parse_scaled(std::string_view text, std::span<const Suffix> suffixes) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number);
  if (status == std::errc::invalid_argument) return std::nullopt;
  const std::string_view written(rest, static_cast<std::size_t>(end - rest));
  const auto* const suffix = std::ranges::find(suffixes, written, &Suffix::text).base();
  if (suffix == std::to_address(suffixes.end())) return std::nullopt;
  const bool too_large = status == std::errc::result_out_of_range ||
                         number > Int64Limits::max() / suffix->factor ||
                         number < Int64Limits::min() / suffix->factor;
  if (too_large) return text.front() == '-' ? Int64Limits::min() : Int64Limits::max();
  return number * suffix->factor;
}

std::string format_scaled(std::int64_t value, std::span<const Suffix> suffixes) {
  for (const Suffix& suffix : suffixes) {
    if (suffix.factor != 1 && (value == 0 || value % suffix.factor != 0)) continue;
    return concat({std::to_string(value / suffix.factor), suffix.text});
  }
  return std::to_string(value);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

// Digits, then at most two decimals; in hundredths.
std::optional<std::int64_t> parse_percent(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole_digits = text.substr(0, point);
  std::string decimals;
  if (point != std::string_view::npos) {
    decimals = text.substr(point + 1);
    if (decimals.empty() || decimals.size() > 2) return std::nullopt;
  }
  if (whole_digits.empty() || !std::ranges::all_of(whole_digits, is_digit) ||
      !std::ranges::all_of(decimals, is_digit)) {
    return std::nullopt;
  }
  decimals.resize(2, '0');
  // "2.5" is 2 and "50" hundredths, written together 250.
  return parse_scaled(std::string(whole_digits) + decimals, kCountSuffixes);
}

std::string format_percent(std::int64_t hundredths) {
  std::string text = std::to_string(hundredths / 100);
  const std::int64_t decimals = hundredths % 100;
  if (decimals == 0) return text;
  text += '.';
  text += static_cast<char>('0' + decimals / 10);
  if (decimals % 10 != 0) text += static_cast<char>('0' + decimals % 10);
  return text;
}

}  // namespace

std::string concat(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

std::optional<std::int64_t> parse_number(SettingKind kind, std::string_view text) {
  switch (kind) {
    case SettingKind::duration:
      return parse_scaled(text, kDurationSuffixes);
    case SettingKind::bytes:
      return parse_scaled(text, kSizeSuffixes);
    case SettingKind::percent:
      return parse_percent(text);
    default:
      return parse_scaled(text, kCountSuffixes);
  }
}

std::string format_number(SettingKind kind, std::int64_t value) {
  switch (kind) {
    case SettingKind::duration:
      return format_scaled(value, kDurationSuffixes);
    case SettingKind::bytes:
      return format_scaled(value, kSizeSuffixes);
    case SettingKind::percent:
      return format_percent(value);
    default:
      return std::to_string(value);
  }
}

// An IPv4 address, or an IPv6 address in brackets; names are refused, because which of its
// addresses a name stands for is not ours to guess.
std::optional<ListenAddress> parse_listen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  ListenAddress address{std::string(host), 0};
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  const int family = bracketed ? AF_INET6 : AF_INET;
  // inet_pton would stop at a zero byte and take what stands before it.
  if (host.find('\0') != std::string_view::npos) return std::nullopt;
  if (inet_pton(family, address.host.c_str(), binary.data()) != 1) return std::nullopt;
  const auto [end, status] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), address.port);
  if (status != std::errc() || end != port_text.data() + port_text.size()) return std::nullopt;
  return address;
}

std::string format_listen(const ListenAddress& address) {
  const std::string port = std::to_string(address.port);
  const bool v6 = address.host.find(':') != std::string::npos;
  return v6 ? concat({"[", address.host, "]:", port}) : concat({address.host, ":", port});
}

std::string toml_string(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kHexDigits[byte / 16];
      out += kHexDigits[byte % 16];
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
  return out;
}

bool fits_key(std::string_view text) {
  constexpr std::size_t kKeyBytesMin = 32;
  std::string bytes;
  return absl::WebSafeBase64Unescape({text.data(), text.size()}, &bytes) &&
         bytes.size() >= kKeyBytesMin;
}

bool fits_origin(std::string_view text) {
  if (text == "*") return true;
  const std::size_t slashes = text.find("://");
  if (slashes == std::string_view::npos || slashes == 0) return false;
  const std::string_view scheme = text.substr(0, slashes);
  std::string_view host = text.substr(slashes + 3);
  const auto in_scheme = [](char c) {
    return is_lower(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  };
  if (!is_lower(scheme.front()) || !std::ranges::all_of(scheme, in_scheme)) return false;
  const std::size_t colon = host.rfind(':');
  // The colons of an IPv6 address stand before its closing bracket.
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    const std::string_view port_text = host.substr(colon + 1);
    std::uint16_t port = 0;
    const char* const end = port_text.data() + port_text.size();
    const auto [rest, status] = std::from_chars(port_text.data(), end, port);
    if (status != std::errc() || rest != end || port == 0) return false;
    // A browser leaves the scheme's own port out, so such an entry would never match.
    if ((scheme == "http" && port == 80) || (scheme == "https" && port == 443)) return false;
    host = host.substr(0, colon);
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return parse_listen(concat({host, ":0"})).has_value();
  }
  const auto in_host = [](char c) {
    return is_lower(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  };
  return !host.empty() && std::ranges::all_of(host, in_host);
}

}  // namespace playhead
