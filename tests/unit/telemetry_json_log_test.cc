// Log lines: valid JSON whatever they are given, and whole however many threads write.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include "telemetry/json_log.h"
#include "telemetry/utf8.h"

namespace playhead {
namespace {

using namespace std::string_view_literals;

constexpr Instant kNow{1'753'000'000'007};
constexpr std::int64_t kThreads = 4;
constexpr std::int64_t kLines = 500;

class StillClock final : public Clock {
 public:
  Instant now() override { return kNow; }
  std::chrono::steady_clock::time_point steady() override { return {}; }
};

// A pipe that closes its ends, and what was written to it.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_.data()), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_read();
    close_write();
  }

  int in() const { return ends_[1]; }
  void set_nonblocking() { EXPECT_EQ(fcntl(ends_[1], F_SETFL, O_NONBLOCK), 0); }
  void close_read() { close_one(ends_[0]); }
  void close_write() { close_one(ends_[1]); }

  // Everything until the writing end is closed.
  std::string read_all() {
    std::string all;
    std::array<char, 65'536> some;
    for (;;) {
      const ssize_t size = read(ends_[0], some.data(), some.size());
      if (size <= 0) return all;
      all.append(some.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  static void close_one(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }

  std::array<int, 2> ends_{-1, -1};
};

std::string line_of(std::string_view message, std::initializer_list<LogField> fields = {}) {
  return json_log_line(kNow, LogLevel::info, "some_event", message, fields);
}

// The line as an object, after checking what holds for every line.
boost::json::object parsed(std::string_view line) {
  EXPECT_LE(line.size(), kLogLineBytesMax);
  EXPECT_TRUE(line.ends_with('\n'));
  line.remove_suffix(1);
  EXPECT_EQ(line.find('\n'), std::string_view::npos);
  boost::system::error_code error;
  const auto value = boost::json::parse(boost::json::string_view(line), error);
  EXPECT_FALSE(error) << line;
  return value.is_object() ? value.get_object() : boost::json::object{};
}

std::string string_at(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "(none)";
}

TEST(JsonLogLine, HasItsFieldsInOrder) {
  EXPECT_EQ(json_log_line(kNow, LogLevel::warn, "queue_full", "Add a disk.",
                          {{"entries", std::int64_t{65'536}},
                           {"store", "rocksdb"},
                           {"fatal", false},
                           {"least", std::numeric_limits<std::int64_t>::min()}}),
            R"({"ts":"2025-07-20T08:26:40.007Z","level":"warn","event":"queue_full",)"
            R"("msg":"Add a disk.","entries":65536,"store":"rocksdb","fatal":false,)"
            R"("least":-9223372036854775808})"
            "\n");
}

TEST(JsonLogLine, TellsTimeInUtcWithMilliseconds) {
  const auto ts = [](std::int64_t ms) {
    return string_at(parsed(json_log_line(Instant{ms}, LogLevel::info, "e", "m", {})), "ts");
  };
  EXPECT_EQ(ts(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(ts(999), "1970-01-01T00:00:00.999Z");
  EXPECT_EQ(ts(1'709'251'199'999), "2024-02-29T23:59:59.999Z");
  EXPECT_EQ(ts(1'709'251'200'000), "2024-03-01T00:00:00.000Z");
}

TEST(JsonLogLine, EscapesWhatItIsGiven) {
  const std::string_view texts[] = {
      "",
      "quote \" and backslash \\",
      "line\nfeed\r\ttab\b\f",
      "\0\x01\x1F\x7F"sv,
      "é ✓ 🎬",
      "</script>",
  };
  for (const std::string_view text : texts) {
    const auto object = parsed(line_of(text, {{"field", text}}));
    EXPECT_EQ(string_at(object, "msg"), text);
    EXPECT_EQ(string_at(object, "field"), text);
    EXPECT_FALSE(object.contains("cut"));
  }
}

TEST(JsonLogLine, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(string_at(parsed(line_of("a\xFFz")), "msg"), "a\uFFFDz");
  EXPECT_EQ(string_at(parsed(line_of("\xC3")), "msg"), "\uFFFD");
  EXPECT_EQ(string_at(parsed(line_of("m", {{"\x80", "v"}})), "\uFFFD"), "v");
}

TEST(JsonLogLine, CutsAHugeValueAndKeepsTheFieldsAfterIt) {
  for (const std::string_view unit : {"x"sv, "é"sv, "✓"sv, "🎬"sv, "\""sv, "\0"sv, "\xFF"sv}) {
    std::string huge;
    while (huge.size() < 100'000) huge += unit;
    const auto object = parsed(line_of("m", {{"huge", huge}, {"after", true}}));
    const std::string kept = string_at(object, "huge");
    EXPECT_TRUE(to_valid_utf8(huge).starts_with(kept));
    EXPECT_GT(kept.size(), kLogStringBytesMax / 6 - 8);
    EXPECT_TRUE(object.contains("after"));
    EXPECT_TRUE(object.at("cut").as_bool());
  }
}

TEST(JsonLogLine, CutsAtTheLimitAndNotBefore) {
  const std::string fits(kLogStringBytesMax - 2, 'x');
  EXPECT_EQ(string_at(parsed(line_of(fits)), "msg"), fits);
  EXPECT_FALSE(parsed(line_of(fits)).contains("cut"));
  const auto object = parsed(line_of(fits + "x"));
  EXPECT_EQ(string_at(object, "msg"), fits);
  EXPECT_TRUE(object.contains("cut"));
}

TEST(JsonLogLine, LeavesOutWhatDoesNotFit) {
  const std::string big(2'000, 'x');
  const auto object = parsed(line_of("m", {{"a", big}, {"b", big}, {"c", big}, {"d", true}}));
  EXPECT_EQ(string_at(object, "a"), big);
  EXPECT_TRUE(object.contains("cut"));
  EXPECT_FALSE(object.contains("d"));
  EXPECT_TRUE(parsed(line_of("m", {{big + big + big, true}})).contains("cut"));
}

RC_GTEST_PROP(JsonLogLine, IsValidForAnyBytes, ()) {
  const auto text = [] {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::oneOf(
        rc::gen::arbitrary<char>(), rc::gen::element<char>('"', '\\', '\xC3', '\xA9')));
    std::string repeated;
    for (int times = *rc::gen::inRange(1, 100); times > 0; --times) repeated += bytes;
    return repeated;
  };
  const std::string event = text();
  const std::string message = text();
  const std::string value = text();
  const std::string line = json_log_line(kNow, LogLevel::error, event, message,
                                         {{"k1", value}, {"k2", value}, {"n", std::int64_t{1}}});
  RC_ASSERT(line.size() <= kLogLineBytesMax);
  boost::system::error_code error;
  const auto object = boost::json::parse(line, error);
  RC_ASSERT(!error);
  if (!object.get_object().contains("cut")) {
    RC_ASSERT(string_at(object.get_object(), "k2") == to_valid_utf8(value));
  }
}

TEST(JsonLog, WritesFromItsLevelUp) {
  Pipe pipe;
  StillClock clock;
  JsonLog log(pipe.in(), LogLevel::warn, clock);
  log.write(LogLevel::debug, "a", "m");
  log.write(LogLevel::info, "b", "m");
  log.write(LogLevel::warn, "c", "m");
  log.write(LogLevel::error, "d", "m", {{"n", std::int64_t{1}}});
  pipe.close_write();
  EXPECT_EQ(pipe.read_all(),
            json_log_line(kNow, LogLevel::warn, "c", "m", {}) +
                json_log_line(kNow, LogLevel::error, "d", "m", {{"n", std::int64_t{1}}}));
  EXPECT_EQ(log.dropped_lines(), 0U);
}

TEST(JsonLog, DropsWhenNobodyReads) {
  for (const bool nonblocking : {false, true}) {
    SCOPED_TRACE(nonblocking);
    Pipe pipe;
    if (nonblocking) pipe.set_nonblocking();
    StillClock clock;
    JsonLog log(pipe.in(), LogLevel::debug, clock);
    const std::string big(2'000, 'x');
    std::uint64_t written = 0;
    // 64 KiB, which a pipe holds by default, and some more.
    for (; written < 100 && log.dropped_lines() < 2; ++written) {
      log.write(LogLevel::info, "e", big);
    }
    EXPECT_EQ(log.dropped_lines(), 2U);
    pipe.close_write();
    const std::string all = pipe.read_all();
    const std::string line = line_of(big);
    const auto lines = static_cast<std::uint64_t>(std::count(all.begin(), all.end(), '\n'));
    EXPECT_EQ(lines, written - 2);
    EXPECT_EQ(all.size() % lines, 0U) << "every line is whole";
  }
}

TEST(JsonLog, SurvivesABrokenPipeAndABadDescriptor) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.close_read();
  StillClock clock;
  JsonLog log(pipe.in(), LogLevel::debug, clock);
  log.write(LogLevel::info, "e", "m");
  EXPECT_EQ(log.dropped_lines(), 1U);
  JsonLog nowhere(-1, LogLevel::debug, clock);
  nowhere.write(LogLevel::info, "e", "m");
  EXPECT_EQ(nowhere.dropped_lines(), 1U);
  std::signal(SIGPIPE, before);
}

TEST(JsonLog, WritesWholeLinesFromManyThreads) {
  Pipe pipe;
  StillClock clock;
  JsonLog log(pipe.in(), LogLevel::debug, clock);
  std::string all;
  std::jthread reader([&] { all = pipe.read_all(); });
  {
    std::vector<std::jthread> writers;
    for (std::int64_t thread = 0; thread < kThreads; ++thread) {
      writers.emplace_back([&log, thread] {
        const std::string big(1'900, static_cast<char>('a' + thread));
        for (std::int64_t i = 0; i < kLines; ++i) {
          const auto size = static_cast<std::size_t>(i) * 37 % big.size();
          const auto part = std::string_view(big).substr(0, size);
          log.write(LogLevel::info, "e", part, {{"thread", thread}, {"i", i}, {"more", part}});
        }
      });
    }
  }
  pipe.close_write();
  reader.join();
  std::map<std::int64_t, std::int64_t> seen;
  for (std::string_view rest = all; !rest.empty();) {
    const auto end = rest.find('\n') + 1;
    ASSERT_NE(end, 0U);
    const auto object = parsed(rest.substr(0, end));
    rest.remove_prefix(end);
    ASSERT_EQ(string_at(object, "msg"), string_at(object, "more"));
    ++seen[object.at("thread").to_number<std::int64_t>()];
  }
  std::int64_t total = 0;
  for (const auto& [thread, lines] : seen) total += lines;
  EXPECT_EQ(total + static_cast<std::int64_t>(log.dropped_lines()), kThreads * kLines);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kThreads));
}

TEST(Utf8, ReplacesExactlyTheInvalid) {
  struct Case {
    std::string_view text;
    std::string_view clean;
  };
  const Case cases[] = {
      {"", ""},
      {"aé✓🎬\U0010FFFF", "aé✓🎬\U0010FFFF"},
      {"\xC0\x80", "\uFFFD\uFFFD"},                              // overlong
      {"\xE0\x9F\xBF", "\uFFFD\uFFFD\uFFFD"},                    // overlong
      {"\xF0\x8F\xBF\xBF", "\uFFFD\uFFFD\uFFFD\uFFFD"},          // overlong
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},                    // surrogate
      {"\xED\x9F\xBF\xEE\x80\x80", "\xED\x9F\xBF\xEE\x80\x80"},  // on either side of them
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},          // past U+10FFFF
      {"\xE2\x82", "\uFFFD\uFFFD"},                              // truncated
      {"\xE2\x82z", "\uFFFD\uFFFDz"},
      {"\xFF", "\uFFFD"},
  };
  for (const auto& c : cases) EXPECT_EQ(to_valid_utf8(c.text), c.clean);
}

}  // namespace
}  // namespace playhead
