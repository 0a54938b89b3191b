// Hashes of text that a stranger may have chosen.
#pragma once

#include <cstddef>
#include <string_view>

#include <absl/hash/hash.h>
#include <absl/strings/string_view.h>

namespace playhead {

/// Hashes text by its characters, otherwise in each process (absl mixes in the address of one of
/// its objects), so that nobody can choose ids that meet in one bucket. Debian's absl has a
/// string_view of its own; std::string_view it hands to std::hash, whose seed is a constant. 5 ns
/// for 40 bytes.
struct TextHash {
  std::size_t operator()(std::string_view text) const {
    return absl::HashOf(absl::string_view(text.data(), text.size()));
  }
};

}  // namespace playhead
