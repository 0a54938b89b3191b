// Saying and writing it.
#include "app/command_output.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include <unistd.h>

namespace playhead {

int refuse(std::string_view command, std::string_view why) {
  std::cerr << "playhead " << command << ": " << why << '\n';
  return 1;
}

bool can_write(std::string_view command, std::initializer_list<std::string> paths) {
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (std::filesystem::is_directory(status)) {
      errno = EISDIR;
    } else if (std::filesystem::exists(status)) {
      if (::access(path.c_str(), W_OK) == 0) continue;
    } else {
      const auto folder = std::filesystem::absolute(path, error).parent_path();
      if (::access(folder.c_str(), W_OK | X_OK) == 0) continue;
    }
    refuse(command, path + " cannot be written: " + std::strerror(errno));
    return false;
  }
  return true;
}

bool write_file(std::string_view command, const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream out(path, std::ios::trunc | std::ios::binary);
  out << text;
  out.flush();
  if (!out) refuse(command, path + " cannot be written");
  return out.good();
}

}  // namespace playhead
