// Writing it.
#include "app/output_file.h"

#include <fstream>
#include <iostream>

namespace playhead {

bool write_file(std::string_view command, const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream out(path, std::ios::trunc | std::ios::binary);
  out << text;
  out.flush();
  if (!out) std::cerr << "playhead " << command << ": " << path << " cannot be written\n";
  return out.good();
}

}  // namespace playhead
