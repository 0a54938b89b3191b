// The log port: events with named fields, for the rooms that may not know how logs are written.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace playhead {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// One named value of an event. Borrows its strings.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, bool> value;
};

/// Where events go. Thread safe. Implementations: one JSON object a line (telemetry), and a test's
/// recorder. Never give it a token, nor an account or profile that was not hashed.
class Log {
 public:
  virtual ~Log() = default;
  /// `event` is a stable snake_case name an operator can search for; `message` says it in words,
  /// with what to do where something is to be done.
  virtual void write(LogLevel level, std::string_view event, std::string_view message,
                     std::initializer_list<LogField> fields = {}) = 0;
  /// Lines that could not be written since the start.
  virtual std::uint64_t dropped_lines() const { return 0; }
};

}  // namespace playhead
