// Sets settings from text, writes them as TOML, and says in words what each may be.
#include "app/settings_values.h"

#include <algorithm>
#include <cstdlib>
#include <type_traits>
#include <utility>
#include <variant>

#include "app/settings_forms.h"
#include "domain/ids.h"

namespace playhead {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

bool good_text(std::string_view text, std::int64_t min, std::int64_t max) {
  return std::cmp_greater_equal(text.size(), min) &&
         check_id(text, static_cast<std::size_t>(max), Emptiness::allowed, {}).has_value();
}

tl::unexpected<std::string> refuse(const Setting& setting, std::string_view given) {
  const std::string sentence = concat({setting.key, " must be ", expected_text(setting)});
  // A secret must not reach a log by way of a complaint about it.
  if (setting.secret) return tl::unexpected(sentence);
  return tl::unexpected(concat({sentence, ", not ", toml_string(given)}));
}

// One overload for each kind of member; false where the text does not do.
class Assign {
 public:
  Assign(const Setting& setting, std::string_view text) : setting_(setting), text_(text) {}

  bool operator()(bool* target) const {
    if (text_ != "true" && text_ != "false") return false;
    *target = text_ == "true";
    return true;
  }
  bool operator()(std::string* target) const { return text(target); }
  bool operator()(std::filesystem::path* target) const { return text(target); }
  bool operator()(ListenAddress* target) const {
    const auto address = parse_listen(text_);
    if (address) *target = *address;
    return address.has_value();
  }
  bool operator()(std::optional<ListenAddress>* target) const {
    const auto address = parse_listen(text_);
    if (!address && !text_.empty()) return false;
    *target = address;
    return true;
  }
  bool operator()(std::vector<std::string>* /*target*/) const { return false; }

  template <typename T>
  bool operator()(T* target) const {
    if constexpr (std::is_enum_v<T>) {
      const auto word = std::ranges::find(setting_.words, text_);
      if (word == setting_.words.end()) return false;
      *target = static_cast<T>(word - setting_.words.begin());
      return true;
    } else {
      const auto value = parse_number(setting_.kind, text_);
      if (!value || *value < setting_.min || *value > setting_.max) return false;
      *target = static_cast<T>(*value);
      return true;
    }
  }

 private:
  bool text(auto* target) const {
    if (!good_text(text_, setting_.min, setting_.max)) return false;
    if (setting_.fits != nullptr && !text_.empty() && !setting_.fits(text_)) return false;
    *target = std::string(text_);
    return true;
  }

  const Setting& setting_;
  std::string_view text_;
};

// One overload for each kind of member; TOML text.
class Format {
 public:
  explicit Format(const Setting& setting) : setting_(setting) {}

  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const std::string* value) const { return toml_string(*value); }
  std::string operator()(const std::filesystem::path* value) const {
    return toml_string(value->native());
  }
  std::string operator()(const ListenAddress* value) const {
    return toml_string(format_listen(*value));
  }
  std::string operator()(const std::optional<ListenAddress>* value) const {
    return toml_string(*value ? format_listen(**value) : "");
  }
  std::string operator()(const std::vector<std::string>* value) const {
    std::string out = "[";
    for (const std::string& entry : *value) {
      if (out.size() > 1) out += ", ";
      out += toml_string(entry);
    }
    return out + "]";
  }

  template <typename T>
  std::string operator()(const T* value) const {
    if constexpr (std::is_enum_v<T>) {
      return toml_string(setting_.words[static_cast<std::size_t>(*value)]);
    } else {
      const std::string text = format_number(setting_.kind, static_cast<std::int64_t>(*value));
      const bool with_unit =
          setting_.kind == SettingKind::duration || setting_.kind == SettingKind::bytes;
      return with_unit ? toml_string(text) : text;
    }
  }

 private:
  const Setting& setting_;
};

}  // namespace

tl::expected<void, std::string> set_list(const Setting& setting, std::vector<std::string> entries,
                                         Settings& settings) {
  if (std::cmp_less(entries.size(), setting.min) || std::cmp_greater(entries.size(), setting.max)) {
    return tl::unexpected(concat({setting.key, " must be ", expected_text(setting), ", not ",
                                  std::to_string(entries.size()), " entries"}));
  }
  for (const std::string& entry : entries) {
    if (!good_text(entry, 1, kListEntryBytesMax)) return refuse(setting, entry);
    if (setting.fits != nullptr && !setting.fits(entry)) return refuse(setting, entry);
  }
  *std::get<std::vector<std::string>*>(setting.target(settings)) = std::move(entries);
  return {};
}

tl::expected<void, std::string> set_value(const Setting& setting, std::string_view text,
                                          Settings& settings) {
  if (setting.kind == SettingKind::list) {
    std::vector<std::string> entries;
    for (std::string_view rest = text; !text.empty();) {
      const std::size_t comma = rest.find(',');
      entries.emplace_back(trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
    return set_list(setting, std::move(entries), settings);
  }
  if (!std::visit(Assign(setting, text), setting.target(settings))) return refuse(setting, text);
  return {};
}

std::string toml_value(const Setting& setting, const Settings& settings) {
  Settings copy = settings;  // a target is reached for writing
  return std::visit(Format(setting), setting.target(copy));
}

std::string bounds_text(const Setting& setting) {
  const std::string min = format_number(setting.kind, setting.min);
  const std::string max = format_number(setting.kind, setting.max);
  switch (setting.kind) {
    case SettingKind::toggle:
      return "true or false";
    case SettingKind::count:
      return concat({min, " to ", max, " ", setting.unit});
    case SettingKind::duration:
    case SettingKind::bytes:
      return concat({min, " to ", max});
    case SettingKind::percent:
      return concat({min, " to ", max, " percent, two decimals"});
    case SettingKind::text:
      return concat(
          {setting.form.empty() ? "text" : setting.form, ", ", min, " to ", max, " bytes"});
    case SettingKind::list:
      return concat({min, " to ", max, " entries of 1 to ", std::to_string(kListEntryBytesMax),
                     " bytes", setting.form.empty() ? "" : ", each ", setting.form});
    case SettingKind::listen:
      return setting.min == 0 ? "address:port, or empty" : "address:port";
    case SettingKind::choice:
      return joined(setting.words);
  }
  std::abort();  // the switch is complete
}

std::string expected_text(const Setting& setting) {
  std::string bounds = bounds_text(setting);
  switch (setting.kind) {
    case SettingKind::toggle:
      return bounds;
    case SettingKind::count:
      return concat({"a whole number, ", bounds});
    case SettingKind::duration:
      return concat(
          {bounds, R"(, written "250ms", "10s", "5m", "2h" or "1d", or in whole milliseconds)"});
    case SettingKind::bytes:
      return concat({bounds, R"(, written "16KiB", "64MiB" or "1GiB", or in whole bytes)"});
    case SettingKind::percent:
      return concat({"a number, ", bounds});
    case SettingKind::text:
      return concat({bounds, " of UTF-8 without control characters"});
    case SettingKind::list:
      return concat({"a list of ", bounds});
    case SettingKind::listen:
      return concat({R"(an IP address and a port, "127.0.0.1:8080" or "[::1]:8080")",
                     setting.min == 0 ? ", or empty" : ""});
    case SettingKind::choice:
      return concat({"one of ", bounds});
  }
  std::abort();  // the switch is complete
}

}  // namespace playhead
