// The Range field of a request.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace playhead {

/// A part of some bytes; of size 0 where it lies beyond them.
struct ByteRange {
  std::size_t first = 0;
  std::size_t size = 0;
};

/// The part of `bytes` that the field asks for (RFC 9110 §14.2); nullopt, for all of them, where it
/// is empty, cannot be read, has another unit or names more than one part, all of which a server
/// may ignore.
std::optional<ByteRange> byte_range(std::string_view field, std::size_t bytes);

}  // namespace playhead
