// Files that are part of the program, and how they are served.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace playhead {

/// A file as it was built in. What it refers to lives as long as the program.
struct EmbeddedFile {
  std::string_view path;  // the address, such as "/demo/demo.css"
  std::string_view media_type;
  std::string_view bytes;
  std::string_view gzip;  // the same, compressed; "" where that saves nothing
};

/// A file and the tags of its two forms.
struct Asset {
  EmbeddedFile file;
  std::string tag;
  std::string gzip_tag;
};

/// The files of a program, by address. Immutable; shared by all loops.
class Assets {
 public:
  explicit Assets(std::span<const EmbeddedFile> files);

  /// The file at this path, or null.
  const Asset* find(std::string_view path) const;

 private:
  std::vector<Asset> assets_;  // by path
};

/// The file as an answer: compressed where the client takes that, 304 where it has it already, a
/// part (206, 416) where it asks for one of a file that is sent as it is.
Answer asset_answer(const Asset& asset, const Request& request);

}  // namespace playhead
