// The load generator's small parts: answers, targets, objectives, promises, what is counted.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "load/acknowledged.h"
#include "load/answer_reader.h"
#include "load/options.h"
#include "load/report_text.h"
#include "load/request_writer.h"
#include "load/results.h"
#include "load/slo.h"
#include "load/viewers.h"
#include "temp_folder.h"

namespace playhead {
namespace {

AnswerStep step_of(std::string_view bytes) {
  LoadAnswer answer;
  return read_answer(bytes, answer);
}

TEST(ReadAnswer, ReadsAWholeAnswerAndNothingBehindIt) {
  const std::string first =
      "HTTP/1.1 200 OK\r\nDate: x\r\ncOnTeNt-LeNgTh:  5 \r\nConnection: close\r\n\r\nhello";
  const std::string bytes = first + "HTTP/1.1";
  LoadAnswer answer;
  ASSERT_EQ(read_answer(bytes, answer), AnswerStep::complete);
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.size, first.size());
  EXPECT_TRUE(answer.close);
}

TEST(ReadAnswer, EveryCutIsIncomplete) {
  const std::string whole = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(step_of(whole.substr(0, size)), AnswerStep::incomplete) << size;
  }
  EXPECT_EQ(step_of(whole), AnswerStep::complete);
}

TEST(ReadAnswer, ANoContentHasNoBodyAndKeepsTheConnection) {
  LoadAnswer answer;
  ASSERT_EQ(read_answer("HTTP/1.1 204 No Content\r\nPlayhead-Interval: 10\r\n\r\n", answer),
            AnswerStep::complete);
  EXPECT_EQ(answer.status, 204U);
  EXPECT_FALSE(answer.close);
}

TEST(ReadAnswer, PassesOverInterimAnswers) {
  LoadAnswer answer;
  ASSERT_EQ(read_answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", answer),
            AnswerStep::complete);
  EXPECT_EQ(answer.status, 204U);
}

TEST(ReadAnswer, AnOlderServerClosesUnlessItSaysOtherwise) {
  LoadAnswer answer;
  ASSERT_EQ(read_answer("HTTP/1.0 204 No Content\r\n\r\n", answer), AnswerStep::complete);
  EXPECT_TRUE(answer.close);
}

TEST(ReadAnswer, WhatIsNotHttpIsBroken) {
  for (const std::string bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 2x4 No\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    EXPECT_EQ(step_of(bytes), AnswerStep::broken) << bytes;
  }
  EXPECT_EQ(step_of(std::string(70'000, 'x')), AnswerStep::broken) << "a head without an end";
}

TEST(ProblemCode, IsTheMemberCode) {
  EXPECT_EQ(problem_code(R"({"status":503,"code":"queue_full"})"), "queue_full");
  EXPECT_EQ(problem_code("<html>"), "");
  EXPECT_EQ(problem_code(R"({"code":"cut)"), "");
}

TEST(ParseTarget, ReadsAddressesOfThisMachine) {
  const struct {
    const char* url;
    const char* host;
    std::uint16_t port;
  } cases[] = {{"http://127.0.0.1:8080", "127.0.0.1", 8080},
               {"http://127.0.0.1:8080/", "127.0.0.1", 8080},
               {"http://[::1]:81", "::1", 81},
               {"http://[::1]", "::1", 80},
               {"http://localhost:9", "127.0.0.1", 9}};
  for (const auto& one : cases) {
    const auto target = parse_target(one.url, false);
    ASSERT_TRUE(target) << one.url << ' ' << target.error().detail;
    EXPECT_EQ(target->address, (ListenAddress{one.host, one.port})) << one.url;
  }
}

TEST(ParseTarget, OtherMachinesOnlyWhereAllowed) {
  for (const char* url : {"http://10.0.0.1:8080", "http://[2001:db8::1]:80", "http://0.0.0.0:1"}) {
    const auto refused = parse_target(url, false);
    ASSERT_FALSE(refused) << url;
    EXPECT_NE(refused.error().detail.find("--allow-remote"), std::string::npos);
    EXPECT_TRUE(parse_target(url, true)) << url;
  }
}

TEST(ParseTarget, RefusesWhatIsNoAddress) {
  for (const char* url : {"", "127.0.0.1:80", "https://127.0.0.1", "http://127.0.0.1:0",
                          "http://127.0.0.1:70000", "http://example.com", "http://127.0.0.1:1/x"}) {
    EXPECT_FALSE(parse_target(url, true)) << url;
  }
}

TEST(Options, ViewersForARateReportOnceABeat) {
  EXPECT_EQ(viewers_for(5'000, 10'000), 50'000U);
  EXPECT_EQ(viewers_for(1, 10'000), 100U);
}

// Ten requests due, the latencies of eight of them known: 1 to 8 ms.
LoadResult some_result() {
  LoadResult result(kSecondNs);
  for (std::uint64_t i = 1; i <= 8; ++i) result.routes[0].latency_us.record(i * 1'000);
  result.due = 10;
  result.succeeded = 8;
  return result;
}

TEST(Slo, HoldsAResultToEachPart) {
  const struct {
    const char* text;
    std::size_t missed;
  } cases[] = {{"p50=5ms", 0},
               {"p50=4.9ms", 1},
               {"p80=8ms", 0},
               {"p80=7ms", 1},
               // Two of ten failed, and are later than any.
               {"p81=3000s", 1},
               {"p99=3000s", 1},
               {"max=3000s", 1},
               {"avg=4.5ms", 0},
               {"avg=4.4ms", 1},
               {"errors=2", 0},
               {"errors=1", 1},
               {"errors=20%", 0},
               {"errors=19.9%", 1},
               {"p99=1us,errors=0,avg=1ms", 3},
               {"", 0}};
  for (const auto& one : cases) {
    const auto slo = parse_slo(one.text);
    ASSERT_TRUE(slo) << one.text;
    EXPECT_EQ(slo->missed_by(some_result()).size(), one.missed) << one.text;
  }
}

TEST(Slo, MaxIsTheSlowestOfAll) {
  LoadResult result = some_result();
  result.due = 8;
  EXPECT_TRUE(parse_slo("max=0.008s,p99.9=8ms")->missed_by(result).empty());
  EXPECT_EQ(parse_slo("max=7900us")->missed_by(result).size(), 1U);
}

TEST(Slo, WhereNothingSucceededNothingIsKept) {
  EXPECT_EQ(parse_slo("p99=30ms")->missed_by(LoadResult(kSecondNs)).size(), 1U);
}

TEST(Slo, SaysWhatItCannotRead) {
  for (const char* text : {"p99", "p99=", "p99=30", "p99=30h", "p101=1ms", "q50=1ms", "errors=1.5",
                           "errors=101%", "p99=-1ms", "p99=9999999s", "p=1ms", "p99=1ms;avg=1ms"}) {
    const auto slo = parse_slo(text);
    ASSERT_FALSE(slo) << text;
    EXPECT_NE(slo.error().detail.find(text), std::string::npos) << slo.error().detail;
  }
}

TEST(FormatUs, HasThreeDigits) {
  EXPECT_EQ(format_us(0), "0 us");
  EXPECT_EQ(format_us(999), "999 us");
  EXPECT_EQ(format_us(1'234), "1.23 ms");
  EXPECT_EQ(format_us(1'250'000), "1.25 s");
  EXPECT_EQ(format_us(3.6e9), "3600 s");
}

TEST(Acknowledged, KeepsTheLastPositionOfEach) {
  Acknowledged acknowledged;
  acknowledged.add(2, 7, 30'000);
  acknowledged.add(1, 9, 20'000);
  acknowledged.add(1, 9, 40'000);
  EXPECT_EQ(acknowledged.promises(), (std::vector<Promise>{{1, 9, 40'000}, {2, 7, 30'000}}));
  acknowledged.add(1, 9, 10'000);  // went through all titles, and watches this one again
  EXPECT_EQ(acknowledged.promises(), (std::vector<Promise>{{1, 9, 10'000}, {2, 7, 30'000}}));
}

TEST(Acknowledged, AReportThatWasGivenUpMayStillCome) {
  Acknowledged acknowledged;
  acknowledged.add(1, 1, 10'000);
  acknowledged.add_doubtful(1, 1, 20'000);  // it may come behind the next
  acknowledged.add(1, 1, 30'000);
  acknowledged.add_doubtful(1, 2, 5'000);  // nothing of it was acknowledged
  EXPECT_EQ(acknowledged.promises(), (std::vector<Promise>{{1, 1, 20'000}}));
}

TEST(Acknowledged, TheFileGivesBackWhatWasWritten) {
  const testing_only::TempFolder folder;
  const auto file = folder.path() / "promises";
  const std::vector<Promise> promises = {{0, 1, 2}, {4'294'967'295, 3, 4}};
  ASSERT_TRUE(write_promises(file, promises));
  const auto read = read_promises(file);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, promises);
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Acknowledged, TheFileSaysWhichLineIsWrong) {
  const testing_only::TempFolder folder;
  const auto file = folder.path() / "promises";
  EXPECT_FALSE(read_promises(file));
  for (const char* line : {"1 2", "1 2 x", "1 2 3 4", "", "-1 2 3", "1  2 3", "4294967296 1 1"}) {
    ASSERT_TRUE(write_promises(file, {{1, 2, 3}}));
    std::string text = text_of(file);
    text.insert(text.find("end of"), std::string(line) + '\n');
    std::ofstream(file) << text;
    const auto read = read_promises(file);
    ASSERT_FALSE(read) << line;
    EXPECT_NE(read.error().detail.find(":3:"), std::string::npos) << read.error().detail;
  }
}

TEST(Acknowledged, AFileThatWasCutShortIsRefused) {
  const testing_only::TempFolder folder;
  const auto file = folder.path() / "promises";
  ASSERT_TRUE(write_promises(file, {{1, 2, 5'000}, {3, 4, 6'000}}));
  const std::string text = text_of(file);
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    std::ofstream(file) << text.substr(0, size);
    EXPECT_FALSE(read_promises(file)) << text.substr(0, size);
  }
  std::ofstream(file) << text << text;
  EXPECT_NE(read_promises(file).error().detail.find("behind its end"), std::string::npos);
}

TEST(LoadResult, MergesCountsOfEachKind) {
  LoadResult one(kSecondNs);
  LoadResult other(kSecondNs);
  one.count_answer(LoadRoute::report, 204, {});
  other.count_answer(LoadRoute::report, 503, "queue_full");
  other.count_answer(LoadRoute::report, 204, {});
  other.count_answer(LoadRoute::report, 204, {});
  one.merge(other);
  ASSERT_EQ(one.answers.size(), 2U);
  EXPECT_EQ(one.answers[0].count, 3U);
  EXPECT_EQ(one.answers[1].code, "queue_full");
  EXPECT_EQ(one.answers[1].count, 1U);
}

TEST(LoadResult, KindsOfAnswersAreBounded) {
  LoadResult result(kSecondNs);
  for (int i = 0; i < 1'000; ++i) {
    result.count_answer(LoadRoute::row, 500, "code-" + std::to_string(i));
  }
  ASSERT_EQ(result.answers.size(), kAnswerKindsMax);
  std::uint64_t total = 0;
  for (const AnswerCount& answer : result.answers) total += answer.count;
  EXPECT_EQ(total, 1'000U);
  EXPECT_EQ(result.answers.back().code, "other");
}

TEST(LoadResult, SaysWhenTheGeneratorWasTheLimit) {
  LoadResult result(kSecondNs);
  result.lag_us.record(1'000, 100);
  result.busy = 0.9;
  EXPECT_EQ(generator_limit(result), "");
  result.lag_us.record(1'100, 3);
  EXPECT_NE(generator_limit(result).find("wait for a core"), std::string::npos);
  EXPECT_FALSE(generator_full(result));
  result.routes[0].latency_us.record(5'000);
  EXPECT_EQ(generator_limit(result), "") << "the server was slower by far";
  LoadResult busy(kSecondNs);
  busy.busy = 0.96;
  EXPECT_NE(generator_limit(busy).find("was the limit"), std::string::npos);
  EXPECT_TRUE(generator_full(busy));
}

TEST(LoadResult, SaysThatRequestsWaitedForConnections) {
  LoadOptions options;
  options.connections = 2;
  LoadResult result(kSecondNs);
  result.due = result.succeeded = 100;
  result.routes[0].service_us.record(1'000, 100);
  result.routes[0].latency_us.record(2'500, 100);
  result.waited_for_connection = 50;
  const auto told = [&] {
    return load_table(options, result).find("one of 2 connections: the server") !=
           std::string::npos;
  };
  EXPECT_FALSE(told());
  result.waited_for_connection = 51;
  EXPECT_TRUE(told());
  result.routes[0].service_us.record(1'500, 100);
  EXPECT_FALSE(told()) << "the server took most of it";
}

TEST(LoadJson, EndsWhereARunWasStopped) {
  LoadOptions options;
  options.duration_ms = 30'000;
  LoadResult result(30 * kSecondNs);
  const std::string whole = load_json(options, result, "p99=30ms", {"p99 is 1 s"});
  EXPECT_NE(whole.find(R"("stopped":false)"), std::string::npos);
  EXPECT_NE(whole.find(R"("slo":{"objective":"p99=30ms","missed":["p99 is 1 s"]})"),
            std::string::npos)
      << whole;
  result.measured_ns = 3 * kSecondNs;
  const std::string part = load_json(options, result, "", {});
  EXPECT_NE(part.find(R"("stopped":true)"), std::string::npos);
  EXPECT_NE(part.find(R"("at_ms":2875)"), std::string::npos) << part;
  EXPECT_EQ(part.find(R"("at_ms":3000)"), std::string::npos);
}

TEST(LoadResult, NothingWatchedYetIsAnAnswer) {
  EXPECT_TRUE(is_success(LoadRoute::resume_point, 404));
  EXPECT_FALSE(is_success(LoadRoute::row, 404));
  EXPECT_TRUE(is_success(LoadRoute::report, 204));
  EXPECT_FALSE(is_success(LoadRoute::report, 503));
  EXPECT_FALSE(is_success(LoadRoute::report, 429));
  EXPECT_FALSE(is_success(LoadRoute::report, 401));
}

TEST(RequestWriter, WritesWhatTheServerReads) {
  LoadTarget target{{"127.0.0.1", 80}, "127.0.0.1:80"};
  RequestWriter writer(target, 77, 3, 1, 2,
                       [](std::uint32_t number) { return "token-" + std::to_string(number); });
  PlannedRequest request;
  request.viewer = 2;
  request.video = 17;
  request.session = 4;
  request.seq = 9;
  request.position_ms = 754'000;
  request.event = Event::pause;
  std::string text;
  writer.write(request, text);
  const std::string body = R"({"video_id":"video-000017","position_ms":754000,"duration_ms":)" +
                           std::to_string(title_duration_ms(17)) +
                           R"(,"event":"pause","session":"77-5-4","seq":9,"device":"phone"})";
  EXPECT_EQ(text,
            "POST /v1/progress HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAuthorization: Bearer token-5\r\n"
            "Content-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
  request.route = LoadRoute::resume_point;
  writer.write(request, text);
  EXPECT_EQ(text,
            "GET /v1/progress/video-000017 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n"
            "Authorization: Bearer token-5\r\n\r\n");
  EXPECT_EQ(load_account(42), "load-0000042");
  EXPECT_EQ(load_video(1'234'567), "video-1234567");
}

}  // namespace
}  // namespace playhead
