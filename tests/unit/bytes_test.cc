// Varints and strings of the binary formats: what is written is read, and nothing else is.
#include "base/bytes.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace playhead {
namespace {

std::string varint_of(std::uint64_t value) {
  std::string out;
  append_varint(out, value);
  return out;
}

// Every width of varint as often as any other.
rc::Gen<std::uint64_t> any_varint() {
  return rc::gen::apply([](std::uint64_t bits, int shift) { return bits >> shift; },
                        rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(0, 64));
}

RC_GTEST_PROP(Varint, RoundTrips, ()) {
  const std::uint64_t value = *any_varint();
  const std::string bytes = varint_of(value) + "rest";
  ByteReader reader(bytes);
  RC_ASSERT(reader.varint() == std::optional(value));
  RC_ASSERT(reader.rest() == "rest");
}

RC_GTEST_PROP(Varint, IsNotReadFromAPartOfIt, ()) {
  const std::string bytes = varint_of(*any_varint());
  const auto part = *rc::gen::inRange<std::size_t>(0, bytes.size());
  RC_ASSERT(!ByteReader(std::string_view(bytes).substr(0, part)).varint());
}

TEST(Varint, HasTheWidthsOfLeb128) {
  EXPECT_EQ(varint_of(0), std::string(1, '\0'));
  EXPECT_EQ(varint_of(127), "\x7F");
  EXPECT_EQ(varint_of(128), "\x80\x01");
  EXPECT_EQ(varint_of(300), "\xAC\x02");
  EXPECT_EQ(varint_of((1ULL << 63) - 1).size(), 9U);
  EXPECT_EQ(varint_of(1ULL << 63).size(), 10U);
  EXPECT_EQ(varint_of(std::numeric_limits<std::uint64_t>::max()), std::string(9, '\xFF') + '\x01');
}

TEST(Varint, RefusesWhatDoesNotFit) {
  const std::string nine(9, '\xFF');
  EXPECT_EQ(ByteReader(nine + '\x01').varint(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(ByteReader(nine + '\x02').varint(), std::nullopt);  // bit 64
  EXPECT_EQ(ByteReader(nine + '\x7F').varint(), std::nullopt);
  EXPECT_EQ(ByteReader(nine + '\x81' + '\x01').varint(), std::nullopt);  // an eleventh byte
  EXPECT_EQ(ByteReader(nine + '\x80' + '\x00').varint(), std::nullopt);
  EXPECT_EQ(ByteReader(nine).varint(), std::nullopt);
  EXPECT_EQ(ByteReader("").varint(), std::nullopt);
}

RC_GTEST_PROP(Strings, RoundTripOneAfterTheOther, (std::string first, std::string second)) {
  std::string bytes;
  append_string(bytes, first);
  append_string(bytes, second);
  ByteReader reader(bytes);
  RC_ASSERT(reader.string() == std::optional<std::string_view>(first));
  RC_ASSERT(reader.string() == std::optional<std::string_view>(second));
  RC_ASSERT(reader.empty());
  RC_ASSERT(!reader.string());
}

TEST(Strings, RefuseALengthPastTheEnd) {
  EXPECT_EQ(ByteReader("\x03"
                       "ab")
                .string(),
            std::nullopt);
  EXPECT_EQ(ByteReader(varint_of(std::numeric_limits<std::uint64_t>::max()) + "ab").string(),
            std::nullopt);
  EXPECT_EQ(ByteReader("\x80").string(), std::nullopt);
  EXPECT_EQ(ByteReader("\x02"
                       "ab")
                .string(),
            "ab");
}

TEST(Bytes, ReadsOneOrSome) {
  ByteReader reader(
      "\xFF"
      "bcd");
  EXPECT_FALSE(reader.empty());
  EXPECT_EQ(reader.byte(), 0xFF);
  EXPECT_EQ(reader.bytes(0), "");
  EXPECT_EQ(reader.bytes(2), "bc");
  EXPECT_EQ(reader.bytes(2), std::nullopt);
  EXPECT_EQ(reader.rest(), "d");
  EXPECT_EQ(reader.byte(), 'd');
  EXPECT_EQ(reader.byte(), std::nullopt);
}

}  // namespace
}  // namespace playhead
