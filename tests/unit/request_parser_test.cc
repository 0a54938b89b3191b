// Reading requests: whole, in pieces, and what is refused.
#include "http/request_parser.h"

#include <gtest/gtest.h>

namespace playhead {
namespace {

constexpr ParserLimits kLimits{8U << 10U, 16U << 10U};

struct Parsed {
  std::string path, query, authorization, body;
  bool keep_alive = true;
  std::size_t used = 0;
};

// Feeds `bytes` in pieces of `step`, as a connection does; the error, or what was read.
Result<Parsed> parse(const std::string& bytes, std::size_t step) {
  RequestParser parser(kLimits);
  std::string pending;
  Parsed parsed;
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    pending += bytes.substr(i, step);
    // The bytes of each feed go away after it.
    const std::string fed_bytes = pending;
    std::size_t offset = 0;
    while (true) {
      const auto fed = parser.feed(std::string_view(fed_bytes).substr(offset));
      if (!fed) return tl::unexpected(fed.error());
      offset += fed->used;
      parsed.used += fed->used;
      if (fed->step == RequestParser::Step::complete) {
        const Request& request = parser.request();
        parsed.path = request.path;
        parsed.query = request.query;
        parsed.authorization = request.authorization;
        parsed.body = request.body;
        parsed.keep_alive = request.keep_alive;
        return parsed;
      }
      if (fed->step == RequestParser::Step::needs_more) break;
    }
    pending = fed_bytes.substr(offset);
  }
  return fail(ErrorCode::internal, "incomplete");
}

const std::string kWithLength =
    "POST /v1/progress?a=b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n"
    "Content-Length: 11\r\n\r\nhello world";
const std::string kChunked =
    "POST /v1/progress?a=b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n"
    "Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n";

TEST(RequestParser, EveryWayToCutARequestReadsTheSame) {
  for (const std::string& request : {kWithLength, kChunked}) {
    for (std::size_t step = 1; step <= request.size(); ++step) {
      const auto parsed = parse(request, step);
      ASSERT_TRUE(parsed) << step << ": " << parsed.error().detail;
      EXPECT_EQ(parsed->path, "/v1/progress");
      EXPECT_EQ(parsed->query, "a=b");
      EXPECT_EQ(parsed->authorization, "Bearer t");
      EXPECT_EQ(parsed->body, "hello world");
      EXPECT_EQ(parsed->used, request.size());
    }
  }
}

TEST(RequestParser, FieldsOfFilesAreReadInAnyPieces) {
  const std::string request =
      "GET /demo/film.mp4 HTTP/1.1\r\nHost: x\r\nRange: bytes=1-2\r\nIf-Range: \"tag\"\r\n"
      "Accept-Encoding: gzip, br\r\n\r\n";
  for (const std::size_t first : {std::size_t{30}, std::size_t{60}, request.size() - 1}) {
    RequestParser parser(kLimits);
    std::string head = request.substr(0, first);
    const auto begun = parser.feed(head);
    ASSERT_TRUE(begun);
    const std::string rest = head.substr(begun->used) + request.substr(first);
    head.assign(head.size(), '#');  // what was fed is gone
    ASSERT_TRUE(parser.feed(rest));
    EXPECT_EQ(parser.request().range, "bytes=1-2") << first;
    EXPECT_EQ(parser.request().if_range, "\"tag\"") << first;
    EXPECT_EQ(parser.request().accept_encoding, "gzip, br") << first;
  }
  for (const char* twice : {"Range: bytes=0-1\r\n", "If-Range: \"a\"\r\n"}) {
    const std::string bytes = "GET / HTTP/1.1\r\nHost: x\r\n" + std::string(twice) + twice + "\r\n";
    EXPECT_EQ(parse(bytes, bytes.size()).error().code, ErrorCode::malformed_request) << twice;
  }
}

TEST(RequestParser, StopsAtTheEndOfOneRequest) {
  const auto parsed = parse(kWithLength + kChunked, kWithLength.size() + kChunked.size());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->used, kWithLength.size());
}

TEST(RequestParser, KeepsAliveAsTheVersionSays) {
  EXPECT_TRUE(parse("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 99)->keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 99)->keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n", 99)->keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 99)->keep_alive);
}

struct Refused {
  std::string request;
  ErrorCode code;
};

TEST(RequestParser, RefusesWhatTwoParsersMightReadInTwoWays) {
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  const auto bad = ErrorCode::malformed_request;
  const Refused cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", bad},
      {"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", bad},
      {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", ErrorCode::http_version_not_supported},
      {"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", bad},
      {"GET / HTTP/1.1\r\nHost : x\r\n\r\n", bad},
      {post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", bad},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", bad},
      {post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", bad},
      {post + "Content-Length: 5, 5\r\n\r\nhello", bad},
      {post + "Content-Length: +5\r\n\r\nhello", bad},
      {post + "Content-Length: -5\r\n\r\nhello", bad},
      {post + "Content-Length: 0x5\r\n\r\nhello", bad},
      {post + "Content-Length: 99999999999999999999999\r\n\r\n", bad},
      {post + "Transfer-Encoding: gzip\r\n\r\n", bad},
      {post + "Transfer-Encoding: gzip, chunked\r\n\r\n", bad},
      {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", bad},
      {post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", bad},
      {post + "Authorization: a\r\nAuthorization: b\r\n\r\n", bad},
      {post + "Content-Length: 99999\r\n\r\n", ErrorCode::body_too_large},
      {post + "Transfer-Encoding: chunked\r\n\r\nFFFFF\r\n", ErrorCode::body_too_large},
      {post + "X: " + std::string(9'000, 'x') + "\r\n\r\n", ErrorCode::header_too_large},
  };
  for (const Refused& refused : cases) {
    for (const std::size_t step : {refused.request.size(), std::size_t{1}}) {
      const auto parsed = parse(refused.request, step);
      ASSERT_FALSE(parsed) << refused.request.substr(0, 120);
      EXPECT_EQ(parsed.error().code, refused.code) << refused.request.substr(0, 120);
    }
  }
}

TEST(RequestParser, ManySmallHeaderFieldsAreBoundedToo) {
  std::string request = "GET / HTTP/1.1\r\nHost: x\r\n";
  while (request.size() < 20'000) request += "X: y\r\n";
  for (const std::size_t step : {1UL, 100UL, 30'000UL}) {
    const auto parsed = parse(request + "\r\n", step);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, ErrorCode::header_too_large);
  }
}

TEST(RequestParser, ChunksAddUpToTheLimit) {
  std::string request = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) request += "400\r\n" + std::string(0x400, 'x') + "\r\n";
  EXPECT_EQ(parse(request, 1'000).error().code, ErrorCode::body_too_large);
}

TEST(RequestParser, ChunkExtensionsAndTrailersAreBounded) {
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string long_text(5'000, 'x');
  for (const std::string& body : {"5;x=" + long_text, "5;x=" + long_text + "\r\nhello\r\n0\r\n\r\n",
                                  "0\r\nX: " + long_text, "0\r\nX: " + long_text + "\r\n\r\n"}) {
    for (const std::size_t step : {std::size_t{100}, chunked.size() + body.size()}) {
      const auto parsed = parse(chunked + body, step);
      ASSERT_FALSE(parsed);
      EXPECT_EQ(parsed.error().code, ErrorCode::malformed_request) << parsed.error().detail;
    }
  }
}

// Found by the fuzzer: four bytes of a last chunk that was also the first ended an asserting build.
TEST(RequestParser, ALastChunkThatIsTheFirstMayComeInPieces) {
  const std::string request =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t step = 1; step <= request.size(); ++step) {
    const auto parsed = parse(request, step);
    ASSERT_TRUE(parsed) << step << ": " << parsed.error().detail;
    EXPECT_EQ(parsed->body, "");
    EXPECT_EQ(parsed->used, request.size());
  }
}

TEST(RequestParser, ATrailerIsNoHeader) {
  const auto parsed = parse(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n0\r\nAuthorization: Bearer forged\r\n\r\n",
      1'000);
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(parsed->authorization, "");
  EXPECT_EQ(parsed->body, "hello");
}

}  // namespace
}  // namespace playhead
