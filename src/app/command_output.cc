// Saying and writing it.
#include "app/command_output.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace playhead {

int refuse(std::string_view command, std::string_view why) {
  std::cerr << "playhead " << command << ": " << why << '\n';
  return 1;
}

bool can_write(std::string_view command, std::initializer_list<std::string> paths) {
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    std::error_code ignored;
    const bool is_new = !std::filesystem::exists(path, ignored);
    const bool opened = std::ofstream(path, std::ios::app).is_open();
    if (!opened) {
      refuse(command, path + " cannot be written: " + std::strerror(errno));
      return false;
    }
    if (is_new) std::filesystem::remove(path, ignored);
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
