// The settings file as a flat list of what it says, so that only settings_file.cc knows of toml++.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "app/settings.h"

namespace playhead {

/// What TOML calls the value.
enum class FileType : std::uint8_t { boolean, integer, number, string, strings, table, other };

/// One value of the file, or a table with nothing in it.
struct FileEntry {
  /// Dotted; a part that holds a dot itself stands in quotes, and so matches no setting.
  std::string key;
  std::size_t line = 0;
  FileType type = FileType::other;
  /// The value as text; `strings`: one for each entry; `table` and `other`: none.
  std::vector<std::string> texts;
};

/// Reads TOML; the entries come in the order of their lines. The error is the first mistake in the
/// syntax, because what follows one cannot be trusted. `name` is the file's, for `where`.
tl::expected<std::vector<FileEntry>, SettingsProblem> parse_settings_file(std::string_view text,
                                                                          const std::string& name);

/// The whole of a file of at most 1 MiB; the error says why not.
tl::expected<std::string, std::string> read_small_file(const std::filesystem::path& path);

}  // namespace playhead
