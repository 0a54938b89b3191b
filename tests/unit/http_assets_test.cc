// Files of the program: forms, tags, parts; and the table that has them.
#include <array>

#include <gtest/gtest.h>

#include "http/assets.h"
#include "http/byte_range.h"
#include "http/etag.h"
#include "http/router.h"
#include "http/routes.h"

namespace playhead {
namespace {

constexpr std::array<EmbeddedFile, 3> kFiles = {{
    {"/demo/b.js", "text/javascript", "plain text", "packed"},
    {"/demo/film.mp4", "video/mp4", "0123456789", {}},
    {"/demo", "text/html", "page", "pack"},
}};

Request get(std::string_view accept_encoding = {}, std::string_view range = {}) {
  Request request;
  request.method = Method::get;
  request.accept_encoding = accept_encoding;
  request.range = range;
  return request;
}

bool has_line(const Answer& answer, const std::string& line) {
  return answer.head_lines.find(line + "\r\n") != std::string::npos;
}

TEST(Assets, AreFoundByTheirWholePath) {
  const Assets assets(kFiles);
  for (const EmbeddedFile& file : kFiles) {
    const Asset* const found = assets.find(file.path);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->file.bytes, file.bytes);
    EXPECT_EQ(found->tag, entity_tag(file.bytes));
  }
  for (const char* path : {"", "/", "/dem", "/demo/", "/demo/b", "/demo/film.mp4x", "/z"}) {
    EXPECT_EQ(assets.find(path), nullptr) << path;
  }
}

TEST(Assets, AreCompressedWhereThatIsTaken) {
  const Assets assets(kFiles);
  const Asset& text = *assets.find("/demo/b.js");
  for (const char* taken : {"gzip", "br, gzip", "gzip;q=0.1", "deflate,\tgzip ; q=1", "gzip,"}) {
    EXPECT_EQ(asset_answer(text, get(taken)).lasting_body, "packed") << taken;
  }
  for (const char* not_taken : {"", "br", "gzip;q=0", "gzip;q=0.000", "x-gzip", "*", ",,", "gzi"}) {
    const Answer answer = asset_answer(text, get(not_taken));
    EXPECT_EQ(answer.lasting_body, "plain text") << not_taken;
    EXPECT_TRUE(has_line(answer, "Vary: Accept-Encoding"));
    EXPECT_FALSE(has_line(answer, "Content-Encoding: gzip"));
  }
  EXPECT_EQ(asset_answer(*assets.find("/demo/film.mp4"), get("gzip")).lasting_body, "0123456789");
}

TEST(Assets, EachFormHasItsOwnTag) {
  const Assets assets(kFiles);
  const Asset& text = *assets.find("/demo/b.js");
  Request request = get("gzip");
  request.if_none_match = text.gzip_tag;
  EXPECT_EQ(asset_answer(text, request).status, 304U);
  EXPECT_TRUE(asset_answer(text, request).lasting_body.empty());
  request.if_none_match = text.tag;
  EXPECT_EQ(asset_answer(text, request).status, 200U);
}

TEST(Assets, APartNeedsTheRightFormMethodAndTag) {
  const Assets assets(kFiles);
  const Asset& film = *assets.find("/demo/film.mp4");
  const Answer part = asset_answer(film, get({}, "bytes=2-4"));
  EXPECT_EQ(part.status, 206U);
  EXPECT_EQ(part.lasting_body, "234");
  EXPECT_TRUE(has_line(part, "Content-Range: bytes 2-4/10"));
  const Answer beyond = asset_answer(film, get({}, "bytes=10-"));
  EXPECT_EQ(beyond.status, 416U);
  EXPECT_TRUE(beyond.lasting_body.empty());
  EXPECT_TRUE(has_line(beyond, "Content-Range: bytes */10"));

  Request head = get({}, "bytes=2-4");
  head.method = Method::head;
  EXPECT_EQ(asset_answer(film, head).status, 200U);
  Request guarded = get({}, "bytes=2-4");
  guarded.if_range = film.tag;
  EXPECT_EQ(asset_answer(film, guarded).status, 206U);
  guarded.if_range = "Tue, 24 Nov 2026 10:00:00 GMT";
  EXPECT_EQ(asset_answer(film, guarded).status, 200U);
  EXPECT_EQ(asset_answer(*assets.find("/demo/b.js"), get({}, "bytes=2-4")).status, 200U);
}

TEST(ByteRange, ReadsOneRange) {
  struct Case {
    const char* field;
    std::size_t first;
    std::size_t size;
  };
  for (const Case& c : {Case{"bytes=0-0", 0, 1}, Case{"bytes=9-9", 9, 1}, Case{"bytes=9-10", 9, 1},
                        Case{"bytes=3-", 3, 7}, Case{"bytes=-1", 9, 1}, Case{"bytes=-10", 0, 10},
                        Case{"bytes=-11", 0, 10}, Case{"bytes=0-99999999999999999999999", 0, 10}}) {
    const auto range = byte_range(c.field, 10);
    ASSERT_TRUE(range) << c.field;
    EXPECT_EQ(range->first, c.first) << c.field;
    EXPECT_EQ(range->size, c.size) << c.field;
  }
}

TEST(ByteRange, TellsWhatLiesBeyond) {
  for (const char* field :
       {"bytes=10-", "bytes=10-10", "bytes=-0", "bytes=99999999999999999999-"}) {
    const auto range = byte_range(field, 10);
    ASSERT_TRUE(range) << field;
    EXPECT_EQ(range->size, 0U) << field;
  }
  EXPECT_EQ(byte_range("bytes=0-", 0)->size, 0U);
  EXPECT_EQ(byte_range("bytes=-5", 0)->size, 0U);
}

TEST(ByteRange, PassesOverTheRest) {
  for (const char* field :
       {"", "bytes", "bytes=", "bytes=-", "bytes=1", "bytes=4-3", "bytes=a-", "bytes=1-b",
        "bytes=+1-2", "bytes=1- 2", "bytes=0-1,3-4", "items=0-1", "bytes=--1", "bytes=0x1-2"}) {
    EXPECT_FALSE(byte_range(field, 10)) << field;
  }
}

TEST(DemoRoutes, StandBehindTheApiAndOnlyInTheDemosTable) {
  const Router api(public_routes());
  const Router demo(public_and_demo_routes());
  ASSERT_GT(demo.routes().size(), api.routes().size());
  for (std::size_t i = 0; i < api.routes().size(); ++i) {
    EXPECT_EQ(demo.routes()[i].name, api.routes()[i].name);
  }
  for (const char* path : {"/demo", "/demo/film.mp4", "/demo/sdk/index.js"}) {
    EXPECT_EQ(api.find(Method::get, path).route, nullptr) << path;
    EXPECT_NE(demo.find(Method::get, path).route, nullptr) << path;
  }
  EXPECT_EQ(demo.find(Method::post, "/demo/sign-in/mia").parameter, "mia");
}

}  // namespace
}  // namespace playhead
