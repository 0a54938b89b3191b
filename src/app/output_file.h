// A file that a command was asked to write.
#pragma once

#include <string>
#include <string_view>

namespace playhead {

/// Writes `text` over `path`, or nothing where none was asked for (""). False where it cannot be
/// written, which standard error then says in the command's name.
bool write_file(std::string_view command, const std::string& path, const std::string& text);

}  // namespace playhead
