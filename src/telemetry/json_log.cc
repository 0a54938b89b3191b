// Building a line that is valid JSON whatever it is given, and writing it whole.
#include "telemetry/json_log.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

#include <boost/json.hpp>
#include <poll.h>
#include <unistd.h>

#include "telemetry/utf8.h"

namespace playhead {
namespace {

constexpr std::string_view kCutMark = R"(,"cut":true)";
// The mark, the brace and the line feed: kept free while fields are appended.
constexpr std::size_t kTailBytes = kCutMark.size() + 2;

// How many tries, and how long to wait before each, until a line is given up: 20 ms in all, which
// an event loop can bear and a busy reader of the pipe needs to catch up.
constexpr int kWriteTries = 10;
constexpr int kWaitMs = 2;

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  std::abort();
}

std::string rfc3339(Instant now) {
  namespace chrono = std::chrono;
  const chrono::sys_time<chrono::milliseconds> time{chrono::milliseconds{now.ms}};
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss clock{time - day};
  std::array<char, 48> text;
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

// The longest start of `escaped`, the inside of a JSON string, that ends between two characters.
std::string_view cut_escaped(std::string_view escaped, std::size_t bytes_max) {
  std::size_t end = 0;
  while (end < escaped.size()) {
    std::size_t step = utf8_length(escaped.substr(end));
    if (escaped[end] == '\\') step = escaped[end + 1] == 'u' ? 6 : 2;
    if (end + step > bytes_max) break;
    end += step;
  }
  return escaped.substr(0, end);
}

// A line in the making. Once something did not fit, nothing more is appended, and finish() says so.
class LineBuilder {
 public:
  LineBuilder() { line_.reserve(256); }

  void string(std::string_view key, std::string_view value) {
    if (!begin(key, 2)) return;
    const std::size_t room = std::min(kLogStringBytesMax, left());
    // A value never gets shorter by escaping, so more of it than this cannot be needed.
    const std::string clean = to_valid_utf8(value.substr(0, room));
    const std::string quoted = boost::json::serialize(boost::json::string_view(clean));
    if (quoted.size() <= room && value.size() <= room) {
      line_ += quoted;
      return;
    }
    const auto inside = std::string_view(quoted).substr(1, quoted.size() - 2);
    line_ += '"';
    line_ += cut_escaped(inside, room - 2);
    line_ += '"';
    cut_ = true;
  }

  void plain(std::string_view key, std::string_view value) {
    if (begin(key, value.size())) line_ += value;
  }

  std::string finish() && {
    if (cut_) line_ += kCutMark;
    line_ += "}\n";
    return std::move(line_);
  }

 private:
  std::size_t left() const { return kLogLineBytesMax - kTailBytes - line_.size(); }

  // Appends the key, unless it and `value_bytes_min` more do not fit: then the line is full.
  bool begin(std::string_view key, std::size_t value_bytes_min) {
    if (full_) return false;
    const std::string name = boost::json::serialize(boost::json::string_view(to_valid_utf8(key)));
    if (1 + name.size() + 1 + value_bytes_min > left()) {
      full_ = cut_ = true;
      return false;
    }
    line_ += line_.empty() ? '{' : ',';
    line_ += name;
    line_ += ':';
    return true;
  }

  std::string line_;
  bool cut_ = false;
  bool full_ = false;
};

void append_field(LineBuilder& line, const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    line.string(field.key, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    line.plain(field.key, std::to_string(*number));
  } else {
    line.plain(field.key, std::get<bool>(field.value) ? "true" : "false");
  }
}

}  // namespace

std::string json_log_line(Instant now, LogLevel level, std::string_view event,
                          std::string_view message, std::initializer_list<LogField> fields) {
  LineBuilder line;
  line.string("ts", rfc3339(now));
  line.string("level", level_name(level));
  line.string("event", event);
  line.string("msg", message);
  for (const LogField& field : fields) append_field(line, field);
  return std::move(line).finish();
}

void JsonLog::write(LogLevel level, std::string_view event, std::string_view message,
                    std::initializer_list<LogField> fields) {
  if (level < minimum_) return;
  if (!write_whole(json_log_line(clock_.now(), level, event, message, fields))) {
    dropped_lines_.fetch_add(1, std::memory_order_relaxed);
  }
}

bool JsonLog::write_whole(std::string_view line) const {
  for (int tries = 0; tries < kWriteTries; ++tries) {
    // Asked first, because a blocking descriptor whose reader has stopped would hold us for ever.
    // A pipe that can be written has room for PIPE_BUF bytes; only a race for the last room with
    // another writer can still block, until the reader goes on.
    pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (::poll(&ready, 1, kWaitMs) <= 0) continue;
    const ssize_t written = ::write(fd_, line.data(), line.size());
    if (written < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (written > 0) line.remove_prefix(static_cast<std::size_t>(written));
    if (line.empty()) return true;
  }
  return false;
}

}  // namespace playhead
