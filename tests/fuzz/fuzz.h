// What fuzz targets share: an assertion that the fuzzer sees, and input that is taken apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What libFuzzer, or the replay of the corpora, calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace playhead::fuzz {

/// Ends the process where what must hold does not; the fuzzer keeps the input.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Takes an input apart from its front.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  /// What comes before the next `separator`, which goes too; everything where there is none.
  std::string_view until(char separator) {
    const std::string_view part = rest_.substr(0, rest_.find(separator));
    rest_.remove_prefix(part.size() < rest_.size() ? part.size() + 1 : part.size());
    return part;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace playhead::fuzz
