// From the bytes of a body to checked reports.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/report.h"

namespace playhead {

/// Bytes after a body that may be read, though they mean nothing (simdjson reads in blocks).
constexpr std::size_t kBodyPaddingBytes = 64;

constexpr std::size_t kBatchReportsMax = 100;

/// How deep a body may nest; a report needs two levels, a batch three. Unknown fields may have
/// some.
constexpr std::size_t kJsonDepthMax = 16;

/// Decodes and checks reports. Strict JSON (RFC 8259), the whole body is validated; unknown fields
/// are ignored, null means absent, a field we know given twice is refused. Keeps its memory between
/// calls: what a call returns borrows from it until the next one. One thread. About 0.4 µs a
/// report.
class ReportDecoder {
 public:
  ReportDecoder();
  ~ReportDecoder();
  ReportDecoder(const ReportDecoder&) = delete;
  ReportDecoder& operator=(const ReportDecoder&) = delete;

  /// One report: {"video_id": …, "position_ms": …}. `malformed_json` where it is no JSON object,
  /// `missing_body` where it is empty, `invalid_field` with a pointer where a field is wrong.
  /// `body` is followed by kBodyPaddingBytes readable bytes.
  Result<Report> decode(std::string_view body);

  /// Up to kBatchReportsMax reports: {"reports": [ … ]}, a result each, in order. The errors of
  /// `decode` for the body as a whole, and `too_many_items`.
  Result<std::vector<Result<Report>>> decode_batch(std::string_view body);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;  // keeps simdjson's header out of this one
};

}  // namespace playhead
