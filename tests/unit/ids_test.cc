// What may be an id: the limits in bytes, the ways UTF-8 goes wrong, and control characters.
#include "domain/ids.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace playhead {
namespace {

using namespace std::string_view_literals;

bool passes(std::string_view text, std::size_t bytes_max = 64) {
  return check_id(text, bytes_max, Emptiness::refused, "/id").has_value();
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](int shift) {
    out.push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3F)));
  };
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    tail(0);
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string utf8(std::uint32_t code) {
  std::string out;
  append_utf8(out, code);
  return out;
}

TEST(CheckId, CountsBytes) {
  for (const std::size_t max : {kAccountBytesMax, kProfileBytesMax, kVideoIdBytesMax,
                                kSeriesIdBytesMax, kSessionBytesMax, kDeviceBytesMax}) {
    SCOPED_TRACE(max);
    EXPECT_TRUE(passes(std::string(max - 1, 'x'), max));
    EXPECT_TRUE(passes(std::string(max, 'x'), max));
    EXPECT_FALSE(passes(std::string(max + 1, 'x'), max));
    // As many characters, but one byte more.
    EXPECT_TRUE(passes(std::string(max - 2, 'x') + "é", max));
    EXPECT_FALSE(passes(std::string(max - 1, 'x') + "é", max));
  }
}

TEST(CheckId, RefusesTheEmptyWhereItMust) {
  EXPECT_FALSE(check_id("", 64, Emptiness::refused, "/id"));
  EXPECT_TRUE(check_id("", 64, Emptiness::allowed, "/id"));
  EXPECT_TRUE(check_id(std::string_view{}, 64, Emptiness::allowed, "/id"));
}

TEST(CheckId, SaysWhichFieldAndWhy) {
  const auto refused = check_id("a\nb", 64, Emptiness::refused, "/series/id");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_field);
  EXPECT_EQ(refused.error().pointer, "/series/id");
  EXPECT_EQ(refused.error().detail, "must not hold control characters");
  EXPECT_EQ(check_id("abc", 2, Emptiness::refused, "/id").error().detail,
            "must be at most 2 bytes of UTF-8");
  EXPECT_EQ(check_id("\xFF", 2, Emptiness::refused, "/id").error().detail, "must be valid UTF-8");
  EXPECT_EQ(check_id("", 2, Emptiness::refused, "/id").error().detail, "must not be empty");
}

TEST(CheckId, RefusesInvalidUtf8) {
  const std::string_view invalid[] = {
      "\xC0\x80"sv,          // overlong NUL
      "\xC1\xBF"sv,          // overlong DEL
      "\xE0\x9F\xBF"sv,      // overlong U+07FF
      "\xF0\x8F\xBF\xBF"sv,  // overlong U+FFFF
      "\xED\xA0\x80"sv,      // first surrogate
      "\xED\xBF\xBF"sv,      // last surrogate
      "\xF4\x90\x80\x80"sv,  // past U+10FFFF
      "\xF8\x88\x80\x80\x80"sv,
      "\xFE"sv,
      "\xFF"sv,
      "\xC3"sv,
      "\xE2\x82"sv,
      "\xF0\x9F\x8E"sv,  // truncated
      "\x80"sv,
      "\xBF"sv,  // a tail alone
      "\xC3\xC3"sv,
      "\xE2\x28\xA1"sv,  // a tail that is none
  };
  for (const std::string_view bytes : invalid) {
    SCOPED_TRACE(testing::PrintToString(std::string(bytes)));
    EXPECT_FALSE(passes(bytes));
    EXPECT_FALSE(passes("ab" + std::string(bytes)));
    EXPECT_FALSE(passes(std::string(bytes) + "ab"));
  }
}

TEST(CheckId, RefusesControlCharactersAndNothingBesideThem) {
  for (std::uint32_t code = 0; code < 0x200; ++code) {
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    SCOPED_TRACE(code);
    EXPECT_EQ(passes(utf8(code)), !control);
    EXPECT_EQ(passes("é" + utf8(code) + "z"), !control);
  }
  // The second bytes of C1, behind another first byte, are letters.
  EXPECT_TRUE(passes(utf8(0xC0) + utf8(0x100) + utf8(0x4E80)));
  EXPECT_TRUE(passes(utf8(0xC2) + utf8(0x80C2)));
}

rc::Gen<std::uint32_t> any_printable() {
  return rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(0x20, 0x7F),
                        rc::gen::inRange<std::uint32_t>(0xA0, 0x800),
                        rc::gen::inRange<std::uint32_t>(0x800, 0xD800),
                        rc::gen::inRange<std::uint32_t>(0xE000, 0x10000),
                        rc::gen::inRange<std::uint32_t>(0x10000, 0x110000));
}

RC_GTEST_PROP(CheckId, AnyPrintablePasses, ()) {
  std::string text;
  for (const auto code : *rc::gen::container<std::vector<std::uint32_t>>(any_printable())) {
    append_utf8(text, code);
  }
  RC_ASSERT(check_id(text, text.size(), Emptiness::allowed, "/id").has_value());
  RC_ASSERT(text.empty() ||
            !check_id(text, text.size() - 1, Emptiness::allowed, "/id").has_value());
}

TEST(Viewer, ComparesByAccountThenProfile) {
  const Viewer viewer{"ann", "kids"};
  const ViewerRef ref = viewer;
  EXPECT_EQ(ref, (ViewerRef{"ann", "kids"}));
  EXPECT_LT((ViewerRef{"ann", ""}), ref);
  EXPECT_LT(ref, (ViewerRef{"bob", ""}));
}

}  // namespace
}  // namespace playhead
