// The written forms of single values, and how they are read.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "app/settings_table.h"

namespace playhead {

/// Reads a number in the form of its kind: "10s" is 10000, "16KiB" 16384, "2.5" percent 250, "7" 7.
/// Nothing where it is unreadable; what does not fit 64 bits becomes the nearest that does.
std::optional<std::int64_t> parse_number(SettingKind kind, std::string_view text);

/// The shortest form that parse_number reads back to the same value.
std::string format_number(SettingKind kind, std::int64_t value);

/// Reads "127.0.0.1:8080" or "[::1]:8080".
std::optional<ListenAddress> parse_listen(std::string_view text);
std::string format_listen(const ListenAddress& address);

/// The parts one after another. (Debian builds Abseil for C++14, so absl::StrCat does not take a
/// std::string_view.)
std::string concat(std::initializer_list<std::string_view> parts);

/// A TOML basic string: quoted and escaped.
std::string toml_string(std::string_view text);

/// Base64url of at least 32 bytes: RFC 7518 §3.2 asks that of a key for HS256.
bool fits_key(std::string_view text);

/// An origin as a browser sends it (RFC 6454 §6.2: scheme, host and, where it is not the scheme's
/// own, port), or "*".
bool fits_origin(std::string_view text);

}  // namespace playhead
