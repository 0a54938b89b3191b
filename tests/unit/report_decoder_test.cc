// Bodies to reports: what is taken, what is refused, and where it points.
#include "command/report_decoder.h"

#include <string>

#include <gtest/gtest.h>

#include "domain/ids.h"

namespace playhead {
namespace {

using namespace std::string_literals;

// A body with the readable bytes behind it that the decoder may look at.
class Body {
 public:
  explicit Body(std::string text) : size_(text.size()), bytes_(std::move(text)) {
    bytes_.append(kBodyPaddingBytes, '\0');
  }
  operator std::string_view() const { return std::string_view(bytes_).substr(0, size_); }

 private:
  std::size_t size_;
  std::string bytes_;
};

TEST(ReportDecoder, ReadsEveryField) {
  ReportDecoder decoder;
  const Body body(
      R"({"video_id": "ep-42", "position_ms": 754000, "duration_ms": 2640000, "event": "pause",
          "age_ms": 5, "session": "k3J9", "seq": 17, "profile": "kids", "device": "tv",
          "series": {"id": "s-7", "season": 2, "episode": 3}, "credits_ms": 2520000,
          "percent": 28.6, "private": true, "unknown": {"nested": [1, 2]}})");
  const auto report = decoder.decode(body);
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_EQ(report->video_id, "ep-42");
  EXPECT_EQ(report->position_ms, 754'000);
  EXPECT_EQ(report->duration_ms, 2'640'000);
  EXPECT_EQ(report->event, Event::pause);
  EXPECT_EQ(report->age_ms, 5);
  EXPECT_EQ(report->session, "k3J9");
  EXPECT_EQ(report->seq, 17U);
  EXPECT_EQ(report->profile, "kids");
  EXPECT_EQ(report->device, "tv");
  EXPECT_EQ(report->series, (Series{"s-7", 2, 3}));
  EXPECT_EQ(report->credits_ms, 2'520'000);
  EXPECT_EQ(report->percent_bp, 2'860);
  EXPECT_TRUE(report->is_private);
}

struct Taken {
  const char* body;
  std::optional<std::int64_t> position_ms;
  std::optional<std::int64_t> duration_ms;
  std::optional<std::int32_t> percent_bp;
};

TEST(ReportDecoder, TakesWhatPlayersReallySend) {
  const Taken cases[] = {
      {R"({"video_id":"v","percent":28.6})", {}, {}, 2'860},
      {R"({"video_id":"v","percent":89.999})", {}, {}, 8'999},
      {R"({"video_id":"v","percent":0})", {}, {}, 0},
      {R"({"video_id":"v","percent":100})", {}, {}, 10'000},
      {R"({"video_id":"v","position_ms":7.54e5})", 754'000, {}, {}},
      {R"({"video_id":"v","position_ms":754000.0})", 754'000, {}, {}},
      {R"({"video_id":"v","position_ms":-0})", 0, {}, {}},
      {R"({"video_id":"v","position_ms":9007199254740991})", 9'007'199'254'740'991, {}, {}},
      {R"({"video_id":"v","position_ms":11,"duration_ms":10})", 10, 10, {}},
      {R"({"video_id":"v","position_ms":11,"duration_ms":0})", 11, {}, {}},
      {R"({"video_id":"v","position_ms":11,"duration_ms":null,"session":null})", 11, {}, {}},
      {R"({"video_id":"v","event":"ended"})", {}, {}, {}},
      {R"({"vid\u0065o_id":"v","position_ms":1})", 1, {}, {}},
  };
  ReportDecoder decoder;
  for (const Taken& taken : cases) {
    const Body body(taken.body);
    const auto report = decoder.decode(body);
    ASSERT_TRUE(report) << taken.body << ": " << report.error().detail;
    EXPECT_EQ(report->position_ms, taken.position_ms) << taken.body;
    EXPECT_EQ(report->duration_ms, taken.duration_ms) << taken.body;
    EXPECT_EQ(report->percent_bp, taken.percent_bp) << taken.body;
  }
}

struct Refused {
  std::string body;
  ErrorCode code;
  const char* pointer;
};

TEST(ReportDecoder, RefusesWithTheReasonAndThePlace) {
  const auto field = ErrorCode::invalid_field;
  const auto json = ErrorCode::malformed_json;
  const Refused cases[] = {
      {"", ErrorCode::missing_body, ""},
      {"[]", json, ""},
      {"null", json, ""},
      {"{", json, ""},
      {R"({"video_id":"v","position_ms":1} x)", json, ""},
      {R"({"video_id":"v","position_ms":1e400})", json, ""},
      {R"({"video_id":"v","position_ms":NaN})", json, ""},
      {R"({"video_id":"v","position_ms":01})", json, ""},
      {"{\"video_id\":\"\xFF\",\"position_ms\":1}", json, ""},
      {R"({"video_id":"\ud800","position_ms":1})", json, ""},
      {"{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}", json, ""},
      {R"({"position_ms":1})", field, "/video_id"},
      {R"({"video_id":null,"position_ms":1})", field, "/video_id"},
      {R"({"video_id":"","position_ms":1})", field, "/video_id"},
      {R"({"video_id":7,"position_ms":1})", field, "/video_id"},
      {R"({"video_id":"a\u0000b","position_ms":1})", field, "/video_id"},
      {R"({"video_id":")" + std::string(kVideoIdBytesMax + 1, 'v') + R"(","position_ms":1})", field,
       "/video_id"},
      {R"({"video_id":"v"})", field, "/position_ms"},
      {R"({"video_id":"v","position_ms":-1})", field, "/position_ms"},
      {R"({"video_id":"v","position_ms":1.5})", field, "/position_ms"},
      {R"({"video_id":"v","position_ms":"1"})", field, "/position_ms"},
      {R"({"video_id":"v","position_ms":9007199254740992})", field, "/position_ms"},
      {R"({"video_id":"v","position_ms":18446744073709551615})", field, "/position_ms"},
      {R"({"video_id":"v","percent":100.01})", field, "/percent"},
      {R"({"video_id":"v","percent":-0.01})", field, "/percent"},
      {R"({"video_id":"v","percent":"5"})", field, "/percent"},
      {R"({"video_id":"v","percent":5,"event":"jump"})", field, "/event"},
      {R"({"video_id":"v","percent":5,"private":1})", field, "/private"},
      {R"({"video_id":"v","percent":5,"age_ms":"old"})", field, "/age_ms"},
      {R"({"video_id":"v","percent":5,"series":"s"})", field, "/series"},
      {R"({"video_id":"v","percent":5,"series":{"season":1}})", field, "/series/id"},
      {R"({"video_id":"v","percent":5,"series":{"id":"s","season":-1}})", field, "/series/season"},
      {R"({"video_id":"v","percent":5,"video_id":"w"})", field, "/video_id"},
      {R"({"video_id":"v","percent":5,"perc\u0065nt":6})", field, "/percent"},
  };
  ReportDecoder decoder;
  for (const Refused& refused : cases) {
    const Body body(refused.body);
    const auto report = decoder.decode(body);
    ASSERT_FALSE(report) << refused.body;
    EXPECT_EQ(report.error().code, refused.code) << refused.body;
    EXPECT_EQ(report.error().pointer, refused.pointer) << refused.body;
  }
}

std::string lists(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

// What a JSON reader may take two ways, in a member nobody asked for: the whole body is refused.
TEST(ReportDecoder, RefusesWhatIsNotJsonAnywhere) {
  const std::string bad[] = {"NaN",
                             "Infinity",
                             "-Infinity",
                             "+1",
                             "01",
                             "-01",
                             "1.",
                             ".5",
                             "1e",
                             "1e+",
                             "0x1",
                             "1_0",
                             "1e400",
                             "-1e400",
                             "1e99999999999",
                             "18446744073709551616",
                             "-9223372036854775809",
                             "'a'",
                             "\"\x01\"",
                             "\"\n\"",
                             "\"\\x\"",
                             "\"\\u12\"",
                             "\"\\ud800\"",
                             "\"\\ud800\\ud800\"",
                             "\"\\ud800x\"",
                             "\"\xED\xA0\x80\"",
                             "\"\xC0\x80\"",
                             "\"\xF4\x90\x80\x80\"",
                             "\"\xFF\"",
                             "\"\xC3\"",
                             "[1,]",
                             "{\"b\":1,}",
                             "{b:1}",
                             "True",
                             "nul",
                             "undefined",
                             "//",
                             lists(16)};
  ReportDecoder decoder;
  for (const std::string& value : bad) {
    const Body body(R"({"video_id":"v","percent":5,"a":)" + value + "}");
    const auto report = decoder.decode(body);
    ASSERT_FALSE(report) << value;
    EXPECT_EQ(report.error().code, ErrorCode::malformed_json) << value;
  }
  const std::string good = R"({"video_id":"v","percent":5})";
  for (const std::string& around :
       {"\xEF\xBB\xBF" + good, good + "{}", good + "\0"s, good + ",", "\0"s + good, good + good}) {
    EXPECT_EQ(decoder.decode(Body(around)).error().code, ErrorCode::malformed_json) << around;
  }
}

TEST(ReportDecoder, TakesWhatIsJsonThoughOdd) {
  const std::string good[] = {"-0",
                              "-0.0",
                              "1e-400",
                              "0e99",
                              "9007199254740993",
                              "18446744073709551615",
                              "-9223372036854775808",
                              "1.7976931348623157e308",
                              R"("\ud83d\ude00")",
                              R"("\u0000")",
                              "\"\xF4\x8F\xBF\xBF\"",
                              lists(15),
                              R"({"video_id":1,"video_id":2})"};
  ReportDecoder decoder;
  for (const std::string& value : good) {
    const Body body(R"({"video_id":"v","percent":5,"a":)" + value + R"(,"a":1})");
    const auto report = decoder.decode(body);
    EXPECT_TRUE(report) << value << ": " << report.error().detail;
  }
  const std::string space(1U << 20U, ' ');
  EXPECT_TRUE(
      decoder.decode(Body(space + R"({"video_id":)" + space + R"("v","percent":5})" + space)));
}

// A name is what its escapes mean, for every field: twice is twice.
TEST(ReportDecoder, TellsKeysByWhatTheyMean) {
  ReportDecoder decoder;
  for (const char* twice :
       {R"("video_id":"v","\u0076ideo_id":"w")", R"("\u0076ideo_id":"v","video\u005Fid":"v")",
        R"("video_id":null,"video_i\u0064":"v")"}) {
    const Body body("{" + std::string(twice) + R"(,"percent":5})");
    EXPECT_EQ(decoder.decode(body).error().pointer, "/video_id") << twice;
  }
  EXPECT_EQ(decoder.decode_batch(Body(R"({"reports":[],"repor\u0074s":[]})")).error().pointer,
            "/reports");
}

TEST(ReportDecoder, ABatchHasAResultEach) {
  ReportDecoder decoder;
  const Body body(
      R"({"reports":[{"video_id":"a","percent":5},{"video_id":"b"},7,
          {"video_id":"c","percent":6}]})");
  const auto reports = decoder.decode_batch(body);
  ASSERT_TRUE(reports);
  ASSERT_EQ(reports->size(), 4U);
  EXPECT_EQ((*reports)[0]->video_id, "a");
  EXPECT_EQ((*reports)[1].error().pointer, "/reports/1/position_ms");
  EXPECT_EQ((*reports)[2].error().pointer, "/reports/2");
  EXPECT_EQ((*reports)[3]->video_id, "c");
}

TEST(ReportDecoder, ABatchIsBounded) {
  ReportDecoder decoder;
  const auto batch_of = [](std::size_t count) {
    std::string text = R"({"reports":[)";
    for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "1" : ",1";
    return Body(text + "]}");
  };
  EXPECT_TRUE(decoder.decode_batch(batch_of(0)));
  EXPECT_TRUE(decoder.decode_batch(batch_of(kBatchReportsMax)));
  EXPECT_EQ(decoder.decode_batch(batch_of(kBatchReportsMax + 1)).error().code,
            ErrorCode::too_many_items);
  EXPECT_EQ(decoder.decode_batch(Body("{}")).error().pointer, "/reports");
  EXPECT_EQ(decoder.decode_batch(Body(R"({"reports":{}})")).error().pointer, "/reports");
}

TEST(ReportDecoder, IsUsedAgainAfterAnError) {
  ReportDecoder decoder;
  EXPECT_FALSE(decoder.decode(Body("{\"video_id\":")));
  EXPECT_TRUE(decoder.decode(Body(R"({"video_id":"v","percent":5})")));
}

}  // namespace
}  // namespace playhead
