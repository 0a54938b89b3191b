// Reading the server's answers: as little of HTTP as is right.
#pragma once

#include <cstddef>
#include <string_view>

namespace playhead {

/// An answer. Borrows its body.
struct LoadAnswer {
  unsigned status = 0;
  std::string_view body;
  /// Bytes it took, head included.
  std::size_t size = 0;
  bool close = false;
};

enum class AnswerStep { incomplete, complete, broken };

/// Reads the final answer at the start of `bytes` (interim ones, 1xx, are passed over) to a request
/// that was not HEAD. `broken` is what is no HTTP/1.x, a head over 64 KiB, a body over 64 MiB, or a
/// transfer coding, which is not spoken here.
AnswerStep read_answer(std::string_view bytes, LoadAnswer& answer);

/// The `code` of a problem+json body, or "".
std::string_view problem_code(std::string_view body);

}  // namespace playhead
