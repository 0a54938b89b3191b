// What an operator chooses of the embedded store (docs/operations/configuration.md).
#pragma once

#include <cstddef>

namespace playhead::rocks {

struct Tuning {
  std::size_t block_cache_bytes = 64U << 20U;
  std::size_t write_buffer_bytes = 64U << 20U;
  std::size_t hot_viewers_bytes = 32U << 20U;
  bool sync = true;
};

}  // namespace playhead::rocks
