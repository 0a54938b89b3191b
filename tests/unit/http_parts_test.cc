// Router, ETag, CORS and the writer of answers.
#include <string>

#include <gtest/gtest.h>

#include "http/answer_writer.h"
#include "http/cors.h"
#include "http/etag.h"
#include "http/problem.h"
#include "http/router.h"
#include "http/routes.h"

namespace playhead {
namespace {

TEST(Router, FixedPathsGoBeforeParameters) {
  const Router router(public_routes());
  EXPECT_EQ(router.find(Method::post, "/v1/progress").route->name, "report_progress");
  EXPECT_EQ(router.find(Method::post, "/v1/progress/batch").route->name, "report_progress_batch");
  const Match match = router.find(Method::get, "/v1/progress/batch");
  EXPECT_EQ(match.route->name, "get_resume_point");
  EXPECT_EQ(match.parameter, "batch");
  EXPECT_EQ(router.find(Method::head, "/v1/keep-watching").route->name, "get_keep_watching");
}

TEST(Router, KnowsWhatIsNotThere) {
  const Router router(public_routes());
  for (const char* path : {"", "/", "/v1", "/v1/progress/", "/v1/progress/a/b", "/v1/Progress"}) {
    EXPECT_EQ(router.find(Method::get, path).route, nullptr) << path;
    EXPECT_EQ(router.allowed(path), "") << path;
  }
  EXPECT_EQ(router.find(Method::patch, "/v1/progress").route, nullptr);
  EXPECT_EQ(router.allowed("/v1/progress"), "POST, GET, HEAD, OPTIONS");
  EXPECT_EQ(router.allowed("/v1/me"), "DELETE, OPTIONS");
}

TEST(Etag, SameContentSameTagAnd304) {
  const Answer first = tagged_answer("{}", "");
  EXPECT_EQ(first.status, 200U);
  const std::size_t start = first.head_lines.find('"');
  const std::string tag =
      first.head_lines.substr(start, first.head_lines.find('"', start + 1) + 1 - start);
  EXPECT_EQ(tagged_answer("{}", tag).status, 304U);
  EXPECT_EQ(tagged_answer("{}", "W/" + tag).status, 304U);
  EXPECT_EQ(tagged_answer("{}", "\"other\", " + tag).status, 304U);
  EXPECT_EQ(tagged_answer("{}", "*").status, 304U);
  EXPECT_EQ(tagged_answer("{\"a\":1}", tag).status, 200U);
  EXPECT_TRUE(tagged_answer("{}", tag).body.empty());
}

// Behind a load balancer the next instance, or the next version, is asked for what this one tagged.
TEST(Etag, IsXxh3OnEveryInstance) {
  EXPECT_EQ(entity_tag("{}"), "\"3HBI-Ph0f1YT\"");  // xxhsum -H2, its first 9 bytes
  EXPECT_EQ(entity_tag(std::string(1'000, 'x')), "\"UKGvWl8tzwHA\"");
}

TEST(Cors, AllowsConfiguredOriginsOnly) {
  const Cors cors({"https://tv.example"});
  EXPECT_EQ(cors.allowed("https://tv.example"), "https://tv.example");
  EXPECT_EQ(cors.allowed("https://tv.example.evil"), "");
  EXPECT_EQ(cors.allowed(""), "");
  EXPECT_EQ(cors.allowed("null"), "");
  const Cors every({"*"});
  EXPECT_EQ(every.allowed("https://any.example"), "*") << "an origin's length is the caller's";
  EXPECT_EQ(every.allowed(""), "");
  EXPECT_EQ(Cors({}).allowed("https://tv.example"), "");
}

TEST(AnswerWriter, WritesWholeAnswers) {
  const Cors cors({});
  AnswerWriter writer(cors, 10);
  writer.set_date(784'111'777);  // the example of RFC 9110 §5.6.7
  std::string out;
  Answer answer = no_content();
  answer.steers_player = true;
  writer.append(answer, {}, out);
  EXPECT_EQ(out,
            "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Playhead-Interval: 10\r\n\r\n");
  out.clear();
  writer.append(json_answer("{}"), {{}, true, true, false}, out);
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n"
            "Content-Length: 2\r\nConnection: close\r\n\r\n");
}

TEST(AnswerWriter, KnowsTheStatusOfEveryProblem) {
  const Cors cors({});
  const AnswerWriter writer(cors, 10);
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const Answer answer = problem({static_cast<ErrorCode>(code), "why", "/field"});
    std::string out;
    writer.append(answer, {}, out);
    EXPECT_EQ(out.substr(0, 12), "HTTP/1.1 " + std::to_string(answer.status));
    EXPECT_NE(out.find("\"code\":\""), std::string::npos);
  }
}

TEST(Problem, TellsNothingOfTheStoreItself) {
  const Answer answer = problem({ErrorCode::store_unavailable, "/var/lib/secret: I/O error", {}});
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  EXPECT_NE(answer.head_lines.find("Retry-After"), std::string::npos);
}

}  // namespace
}  // namespace playhead
