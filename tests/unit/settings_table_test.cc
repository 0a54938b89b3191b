// Each setting by itself: its declaration, its bounds, and the written forms of values.
#include "app/settings_table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "app/settings_forms.h"
#include "app/settings_values.h"

namespace playhead {
namespace {

constexpr std::string_view kGoodKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";  // 32 bytes
constexpr std::string_view kShortKey = "MDEyMzQ1Njc4OWFiY2RlZg";                      // 16 bytes

bool is_number(const Setting& setting) {
  return setting.kind == SettingKind::count || setting.kind == SettingKind::duration ||
         setting.kind == SettingKind::bytes || setting.kind == SettingKind::percent;
}

TEST(SettingsTable, DeclaresEverySettingWell) {
  std::set<std::string> names;
  for (const Setting& setting : settings_table()) {
    SCOPED_TRACE(setting.key);
    EXPECT_TRUE(names.insert(environment_name(setting.key)).second);
    EXPECT_EQ(std::ranges::count(setting.key, '.'), 1);
    EXPECT_TRUE(setting.sentence.ends_with('.'));
    EXPECT_EQ(setting.kind == SettingKind::duration, setting.key.ends_with("_ms"));
    EXPECT_EQ(setting.kind == SettingKind::count, !setting.unit.empty());
    EXPECT_EQ(setting.kind == SettingKind::choice, !setting.words.empty());
    EXPECT_GE(setting.min, 0);
    EXPECT_LE(setting.min, setting.max);
  }
}

TEST(SettingsTable, ReachesEachMemberOnce) {
  Settings settings;
  std::set<const void*> members;
  for (const Setting& setting : settings_table()) {
    const void* const member =
        std::visit([](auto* target) -> const void* { return target; }, setting.target(settings));
    EXPECT_TRUE(members.insert(member).second) << setting.key;
  }
}

TEST(SettingsTable, HoldsEveryBoundOnBothSides) {
  for (const Setting& setting : settings_table()) {
    if (!is_number(setting)) continue;
    SCOPED_TRACE(setting.key);
    for (const std::int64_t value : {setting.min, setting.max}) {
      const std::string text = format_number(setting.kind, value);
      Settings settings;
      EXPECT_TRUE(set_value(setting, text, settings));
      const std::string shown = toml_value(setting, settings);
      EXPECT_TRUE(shown == text || shown == toml_string(text)) << shown;
    }
    const std::string below =
        setting.min == 0 ? "-1" : format_number(setting.kind, setting.min - 1);
    for (const std::string& text : {below, format_number(setting.kind, setting.max + 1)}) {
      Settings settings;
      const auto outcome = set_value(setting, text, settings);
      ASSERT_FALSE(outcome) << text;
      EXPECT_NE(outcome.error().find(bounds_text(setting)), std::string::npos) << outcome.error();
      EXPECT_NE(outcome.error().find(toml_string(text)), std::string::npos) << outcome.error();
      EXPECT_EQ(toml_value(setting, settings), toml_value(setting, Settings{}));
    }
  }
}

TEST(SettingsTable, HoldsTheBoundsOfTextsListsAndChoices) {
  for (const Setting& setting : settings_table()) {
    SCOPED_TRACE(setting.key);
    Settings settings;
    const auto max = static_cast<std::size_t>(setting.max);
    if (setting.kind == SettingKind::text) {
      EXPECT_EQ(set_value(setting, "", settings).has_value(), setting.min == 0);
      EXPECT_TRUE(set_value(setting, std::string(max, 'A'), settings));
      EXPECT_FALSE(set_value(setting, std::string(max + 1, 'A'), settings));
      EXPECT_FALSE(set_value(setting, "a\nb", settings));
      EXPECT_FALSE(set_value(setting, "\xFF", settings));
    } else if (setting.kind == SettingKind::list) {
      EXPECT_TRUE(set_list(setting, std::vector<std::string>(max, "http://a"), settings));
      EXPECT_FALSE(set_list(setting, std::vector<std::string>(max + 1, "http://a"), settings));
      const std::string longest = "http://" + std::string(kListEntryBytesMax - 7, 'a');
      EXPECT_TRUE(set_list(setting, {longest}, settings));
      EXPECT_FALSE(set_list(setting, {longest + "a"}, settings));
      EXPECT_FALSE(set_list(setting, {""}, settings));
    } else if (setting.kind == SettingKind::choice) {
      for (const std::string_view word : setting.words) {
        EXPECT_TRUE(set_value(setting, word, settings));
        EXPECT_EQ(toml_value(setting, settings), toml_string(word));
      }
      EXPECT_FALSE(set_value(setting, "other", settings));
      EXPECT_FALSE(set_value(setting, "", settings));
    } else if (setting.kind == SettingKind::toggle) {
      EXPECT_TRUE(set_value(setting, "true", settings));
      EXPECT_TRUE(set_value(setting, "false", settings));
      EXPECT_FALSE(set_value(setting, "yes", settings));
    }
  }
}

TEST(SettingsForms, ReadsAndWritesNumbers) {
  struct Row {
    SettingKind kind;
    std::string_view text;
    std::int64_t value;
  };
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::array kRows = {
      Row{SettingKind::duration, "250ms", 250},
      Row{SettingKind::duration, "10s", 10'000},
      Row{SettingKind::duration, "5m", 300'000},
      Row{SettingKind::duration, "2h", 7'200'000},
      Row{SettingKind::duration, "1d", 86'400'000},
      Row{SettingKind::duration, "1500", 1500},
      Row{SettingKind::duration, "-5s", -5000},
      Row{SettingKind::duration, "99999999999999999999s", kMost},
      Row{SettingKind::duration, "9223372036854775807s", kMost},
      Row{SettingKind::bytes, "16KiB", 16'384},
      Row{SettingKind::bytes, "64MiB", 67'108'864},
      Row{SettingKind::bytes, "1GiB", 1'073'741'824},
      Row{SettingKind::bytes, "512", 512},
      Row{SettingKind::bytes, "9223372036854775807GiB", kMost},
      Row{SettingKind::count, "9223372036854775808", kMost},
      Row{SettingKind::percent, "3", 300},
      Row{SettingKind::percent, "2.5", 250},
      Row{SettingKind::percent, "2.05", 205},
      Row{SettingKind::percent, "99999999999999999999", kMost},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(parse_number(row.kind, row.text), row.value) << row.text;
    if (row.value == kMost) continue;
    EXPECT_EQ(parse_number(row.kind, format_number(row.kind, row.value)), row.value) << row.text;
  }
  EXPECT_EQ(format_number(SettingKind::duration, 75'000), "75s");
  EXPECT_EQ(format_number(SettingKind::bytes, 0), "0");
  EXPECT_EQ(format_number(SettingKind::percent, 205), "2.05");
}

TEST(SettingsForms, RefusesJunk) {
  for (const std::string_view text : {"", "s", "ten", "10 s", " 10s", "10s ", "10S", "1.5h", "+5s",
                                      "0x10", "10sec", "--5", "-"}) {
    EXPECT_FALSE(parse_number(SettingKind::duration, text)) << text;
  }
  for (const std::string_view text : {"", "16KB", "16kib", "KiB", "1.5MiB", "16 KiB", "16B"}) {
    EXPECT_FALSE(parse_number(SettingKind::bytes, text)) << text;
  }
  for (const std::string_view text : {"", "1k", "1.0", "1e3", "4 "}) {
    EXPECT_FALSE(parse_number(SettingKind::count, text)) << text;
  }
  for (const std::string_view text : {"", ".", "3.", ".5", "2.555", "3%", "-1", "nan", "1e1"}) {
    EXPECT_FALSE(parse_number(SettingKind::percent, text)) << text;
  }
}

TEST(SettingsForms, ReadsAddresses) {
  EXPECT_EQ(parse_listen("127.0.0.1:8080"), (ListenAddress{"127.0.0.1", 8080}));
  EXPECT_EQ(parse_listen("[::1]:0"), (ListenAddress{"::1", 0}));
  EXPECT_EQ(format_listen({"::", 80}), "[::]:80");
  for (const std::string_view text :
       {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1: 80", "::1:80", "[::1]", "[127.0.0.1]:80", "localhost:80", "1.2.3.4.5:80"}) {
    EXPECT_FALSE(parse_listen(text)) << text;
  }
}

TEST(SettingsForms, KnowsOriginsAndKeys) {
  for (const std::string_view text :
       {"*", "https://www.example.com", "http://localhost:3000", "https://a.example:8443",
        "http://[::1]:3000", "http://[::1]", "capacitor://localhost", "https://example.com:80"}) {
    EXPECT_TRUE(fits_origin(text)) << text;
  }
  for (const std::string_view text : {"",
                                      "null",
                                      "example.com",
                                      "https://",
                                      "://a",
                                      "https://a/",
                                      "https://a/b",
                                      "https://A.example",
                                      "HTTPS://a",
                                      "https://a:443",
                                      "http://a:80",
                                      "https://a:",
                                      "https://a:0",
                                      "https://a:70000",
                                      "https://*.a",
                                      "https://u@a",
                                      "https://a b",
                                      "http://[::g]",
                                      "http://[]",
                                      "http://]:1"}) {
    EXPECT_FALSE(fits_origin(text)) << text;
  }
  EXPECT_TRUE(fits_key(kGoodKey));
  EXPECT_TRUE(fits_key(std::string(kGoodKey) + "="));
  EXPECT_FALSE(fits_key(kShortKey));
  EXPECT_FALSE(fits_key(std::string(40, 'a') + "+/+/"));
}

}  // namespace
}  // namespace playhead
