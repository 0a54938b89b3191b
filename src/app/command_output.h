// What a subcommand leaves behind: the reason why it did not work, and the files asked for.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace playhead {

/// Says on standard error, in the command's name, why it does not work. Returns the exit code, 1.
int refuse(std::string_view command, std::string_view why);

/// Whether it seems that all of these files can be written, "" for none among them; asked before
/// work that takes long. Opens and makes nothing. The first that cannot be is said as above.
bool can_write(std::string_view command, std::initializer_list<std::string> paths);

/// Writes `text` over `path`, or nothing where none was asked for (""). False, and said as above,
/// where it cannot be written.
bool write_file(std::string_view command, const std::string& path, const std::string& text);

}  // namespace playhead
