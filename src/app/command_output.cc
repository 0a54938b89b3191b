// Saying and writing it.
#include "app/command_output.h"

#include <fstream>
#include <iostream>

namespace playhead {

int refuse(std::string_view command, std::string_view why) {
  std::cerr << "playhead " << command << ": " << why << '\n';
  return 1;
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
