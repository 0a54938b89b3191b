// The log as JSON, one object a line, to a file descriptor.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"

namespace playhead {

/// The longest line, with its line feed: PIPE_BUF of Linux. Up to it a pipe takes a write whole
/// (POSIX, write(2)), so that lines of several threads never mix without a lock of ours.
constexpr std::size_t kLogLineBytesMax = 4096;
/// The longest string within a line, in bytes of JSON with its quotes, so that one huge value
/// leaves room for the fields after it.
constexpr std::size_t kLogStringBytesMax = 2048;

/// One event as a line of JSON with its line feed: `ts` (RFC 3339, UTC, milliseconds), `level`,
/// `event`, `msg`, then the fields in their order. Always valid JSON of at most kLogLineBytesMax
/// bytes: strings that are too long are cut between characters, a field that does not fit and all
/// after it are left out, and `"cut":true` says so. Bytes that are not UTF-8 become U+FFFD. A field
/// is to have a key that is not one of the above, nor another's. Pure; some 2 us.
std::string json_log_line(Instant now, LogLevel level, std::string_view event,
                          std::string_view message, std::initializer_list<LogField> fields);

/// Writes events of a level and above to a descriptor, which it neither owns nor changes.
/// Thread safe: one write(2) a line and no lock but the kernel's. The clock must outlive it.
/// Never throws for trouble with the descriptor, and waits for it at most some 20 ms a line: what
/// cannot be written by then is dropped and counted. A broken pipe counts the same, where the
/// process ignores SIGPIPE, as ours does.
class JsonLog final : public Log {
 public:
  JsonLog(int fd, LogLevel minimum, Clock& clock) : fd_(fd), minimum_(minimum), clock_(clock) {}

  void write(LogLevel level, std::string_view event, std::string_view message,
             std::initializer_list<LogField> fields = {}) override;

  /// Lines that were lost, in whole or in part, since the start.
  std::uint64_t dropped_lines() const override {
    return dropped_lines_.load(std::memory_order_relaxed);
  }

 private:
  bool write_whole(std::string_view line) const;

  const int fd_;
  const LogLevel minimum_;
  Clock& clock_;
  std::atomic<std::uint64_t> dropped_lines_{0};
};

}  // namespace playhead
