// How a setting is declared, and the table that declares each of them once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/settings.h"

namespace playhead {

enum class SettingKind : std::uint8_t {
  toggle,    ///< true or false
  count,     ///< a whole number of `unit`
  duration,  ///< milliseconds, or "250ms", "10s", "5m", "2h", "1d"
  bytes,     ///< bytes, or "16KiB", "64MiB", "1GiB"
  percent,   ///< 2.5; held and bounded in hundredths of a percent
  text,      ///< bounded in bytes of UTF-8
  list,      ///< bounded in entries
  listen,    ///< address:port; min 0 allows it to be empty
  choice,    ///< one of `words`; the member is an enum that counts them from 0
};

/// The member a setting fills.
using SettingTarget =
    std::variant<bool*, std::int32_t*, std::int64_t*, std::size_t*, std::string*,
                 std::filesystem::path*, std::vector<std::string>*, ListenAddress*,
                 std::optional<ListenAddress>*, StoreKind*, LogLevel*>;

/// The declaration of one setting; its default is what a fresh Settings holds.
struct Setting {
  std::string_view key;
  SettingKind kind = SettingKind::text;
  /// Both inclusive, and counted as SettingKind says; min is never negative.
  std::int64_t min = 0;
  std::int64_t max = 0;
  SettingTarget (*target)(Settings&) = nullptr;
  std::string_view sentence;
  /// What a `count` counts.
  std::string_view unit;
  std::span<const std::string_view> words;
  /// Where set: what a text that is not empty, or each entry of a list, must look like; in words
  /// and as a check.
  std::string_view form;
  bool (*fits)(std::string_view) = nullptr;
  bool secret = false;
};

/// Every setting, in the order of the reference page; the settings of a group stand together.
std::span<const Setting> settings_table();

/// `http.listen` -> `http`.
std::string_view setting_group(std::string_view key);

/// `http.listen` -> `PLAYHEAD_HTTP_LISTEN`.
std::string environment_name(std::string_view key);

/// The longest entry of a list setting: an audience or an origin is a URL at most, and 2048 bytes
/// is what browsers and proxies are sure to carry of one.
constexpr std::size_t kListEntryBytesMax = 2048;

}  // namespace playhead
