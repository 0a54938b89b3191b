// Reads the settings file: the one place that includes toml++.
#include "app/settings_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>
#include <utility>

#include <toml++/toml.h>

#include "app/settings_forms.h"

namespace playhead {
namespace {

// A settings file is a page; a megabyte is /dev/zero, or the wrong file.
constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;

// The shortest text that reads back to the same number, so that 2.5 is told from 2.500001.
std::string shortest(double number) {
  std::array<char, 32> text{};
  const auto [end, status] = std::to_chars(text.data(), text.data() + text.size(), number);
  return status == std::errc() ? std::string(text.data(), end) : std::string("?");
}

void read_array(const toml::array& array, FileEntry& entry) {
  for (const toml::node& node : array) {
    const auto* const text = node.as_string();
    if (text == nullptr) {
      entry.texts.clear();
      return;
    }
    entry.texts.push_back(text->get());
  }
  entry.type = FileType::strings;
}

FileEntry read_value(std::string key, const toml::node& node) {
  FileEntry entry{.key = std::move(key), .line = node.source().begin.line, .texts = {}};
  if (const auto* const truth = node.as_boolean()) {
    entry.type = FileType::boolean;
    entry.texts = {truth->get() ? "true" : "false"};
  } else if (const auto* const whole = node.as_integer()) {
    entry.type = FileType::integer;
    entry.texts = {std::to_string(whole->get())};
  } else if (const auto* const number = node.as_floating_point()) {
    entry.type = FileType::number;
    entry.texts = {shortest(number->get())};
  } else if (const auto* const text = node.as_string()) {
    entry.type = FileType::string;
    entry.texts = {text->get()};
  } else if (const auto* const array = node.as_array()) {
    read_array(*array, entry);
  } else if (node.is_table()) {
    entry.type = FileType::table;
  }
  return entry;
}

// Depth is bounded: toml++ refuses more than 256 levels.
void flatten(const toml::table& table, const std::string& prefix, std::vector<FileEntry>& out) {
  for (const auto& [part, node] : table) {
    const std::string_view name = part.str();
    const bool dotted = name.find('.') != std::string_view::npos;
    const std::string key = prefix + (dotted ? toml_string(name) : std::string(name));
    const toml::table* const inner = node.as_table();
    if (inner != nullptr && !inner->empty()) {
      flatten(*inner, key + ".", out);
    } else {
      out.push_back(read_value(key, node));
    }
  }
}

}  // namespace

tl::expected<std::vector<FileEntry>, SettingsProblem> parse_settings_file(std::string_view text,
                                                                          const std::string& name) {
  try {
    std::vector<FileEntry> entries;
    flatten(toml::parse(text), "", entries);
    std::ranges::stable_sort(entries, {}, &FileEntry::line);
    return entries;
  } catch (const toml::parse_error& error) {
    return tl::unexpected(
        SettingsProblem{concat({name, ":", std::to_string(error.source().begin.line)}),
                        concat({"not TOML: ", error.description()})});
  }
}

tl::expected<std::string, std::string> read_small_file(const std::filesystem::path& path) {
  const auto refuse = [](std::string why) { return tl::unexpected(std::move(why)); };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return refuse("it is a folder");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return refuse(std::generic_category().message(errno));
  std::string text(kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return refuse("reading it failed");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kFileBytesMax) return refuse("it is larger than 1MiB");
  return text;
}

}  // namespace playhead
