// The stored form of a record, against bytes written by hand from docs/formats/rocksdb.md.
#include "store/record_codec.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "generators.h"

namespace playhead {
namespace {

// 2026-11-23 15:27:54.481 UTC, and what it is as a varint: f1 ac 95 c8 a0 34.
constexpr Instant kAt{1'795'447'674'481};

std::string bytes(std::initializer_list<unsigned> values) {
  std::string out;
  for (const unsigned value : values) out.push_back(static_cast<char>(value));
  return out;
}

std::string encoded(const Record& record) {
  std::string out;
  encode(record, out);
  return out;
}

// The example of the document: the registers that the report of docs/api/openapi.yaml writes.
const std::string kVersionOnly = bytes({0x01});
const std::string kPlayheadBytes = bytes({
    0x01,                                // tag: playhead
    0x7B,                                // position, duration, credits, session, device, series
    0xF1, 0xAC, 0x95, 0xC8, 0xA0, 0x34,  // at 1795447674481
    0xD0, 0x82, 0x2E,                    // position_ms 754000
    0x80, 0x91, 0xA1, 0x01,              // duration_ms 2640000
    0xC0, 0xE7, 0x99, 0x01,              // credits_ms 2520000
    0x04, 'k',  '3',  'J',  '9',         // session
    0x11,                                // seq 17
    0x02, 't',  'v',                     // device
    0x03, 's',  '-',  '7',               // series id
    0x02, 0x03,                          // season 2, episode 3
});
const std::string kFurthestBytes = bytes({
    0x03,                                // tag: furthest
    0x01,                                // position
    0xF1, 0xAC, 0x95, 0xC8, 0xA0, 0x34,  // at
    0xD0, 0x82, 0x2E,                    // position_ms 754000
});
const std::string kExample = kVersionOnly + kPlayheadBytes + kFurthestBytes;

Playhead example_playhead() {
  Playhead playhead;
  playhead.at = kAt;
  playhead.session = "k3J9";
  playhead.seq = 17;
  playhead.position_ms = 754'000;
  playhead.duration_ms = 2'640'000;
  playhead.credits_ms = 2'520'000;
  playhead.device = "tv";
  playhead.series = Series{"s-7", 2, 3};
  return playhead;
}

Record example() {
  Record record;
  record.playhead = example_playhead();
  record.furthest = Furthest{754'000, std::nullopt, kAt};
  return record;
}

TEST(RecordCodec, ReadsTheExampleOfTheDocument) {
  ASSERT_EQ(kExample.size(), 46U);
  const auto record = decode(kExample);
  ASSERT_TRUE(record);
  EXPECT_EQ(*record, example());
}

TEST(RecordCodec, WritesTheExampleOfTheDocument) {
  EXPECT_EQ(encoded(example()), kExample);
}

TEST(RecordCodec, AppendsToWhatIsThere) {
  std::string out = "before";
  encode(example(), out);
  EXPECT_EQ(out, "before" + kExample);
}

TEST(RecordCodec, HasARecordWithoutRegisters) {
  EXPECT_EQ(encoded(Record{}), kVersionOnly);
  EXPECT_EQ(decode(kVersionOnly), Record{});
}

struct Case {
  const char* name;
  std::string stored;
  Record record;
};

// Every register alone, each part of it at least once.
std::vector<Case> registers() {
  std::vector<Case> cases;
  const auto add = [&](const char* name, const std::string& stored) -> Record& {
    cases.push_back({name, kVersionOnly + stored, {}});
    return cases.back().record;
  };
  add("playhead", kPlayheadBytes).playhead = example_playhead();

  Playhead percent_only;
  percent_only.at = Instant{1};
  percent_only.percent_bp = 2'860;
  add("playhead of a percentage", bytes({0x01, 0x04, 0x01, 0xAC, 0x16})).playhead = percent_only;

  Playhead sequel;
  sequel.at = Instant{2};
  sequel.seq = 300;
  sequel.position_ms = 1;
  add("opening with a seq and no session", bytes({0x02, 0x11, 0x02, 0x01, 0x00, 0xAC, 0x02}))
      .opening = sequel;

  Playhead bare;
  bare.at = Instant{127};
  add("opening without any part", bytes({0x02, 0x00, 0x7F})).opening = bare;

  add("furthest", bytes({0x03, 0x05, 0x80, 0x01, 0x7F, 0x0A})).furthest =
      Furthest{127, 10, Instant{128}};
  add("furthest of a percentage", bytes({0x03, 0x04, 0x01, 0x90, 0x4E})).furthest =
      Furthest{std::nullopt, 10'000, Instant{1}};
  add("finished", bytes({0x04, 0xF1, 0xAC, 0x95, 0xC8, 0xA0, 0x34, 0x01, 0x01, 'a'})).finished =
      Finished{kAt, true, "a"};
  add("unfinished by hand", bytes({0x04, 0x05, 0x00, 0x00})).finished =
      Finished{Instant{5}, false, {}};
  add("hidden", bytes({0x05, 0x05, 0x01})).hidden = Hidden{Instant{5}, true};
  add("shown again", bytes({0x05, 0x06, 0x00})).hidden = Hidden{Instant{6}, false};
  add("forgotten", bytes({0x06, 0xF1, 0xAC, 0x95, 0xC8, 0xA0, 0x34})).forgotten_at = kAt;
  return cases;
}

TEST(RecordCodec, ReadsAndWritesEveryRegister) {
  for (const Case& one : registers()) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(decode(one.stored), one.record);
    EXPECT_EQ(encoded(one.record), one.stored);
  }
}

TEST(RecordCodec, WritesRegistersInTheOrderOfTheirTags) {
  Record record;
  record.forgotten_at = Instant{1};
  record.hidden = Hidden{Instant{2}, true};
  record.finished = Finished{Instant{3}, true, {}};
  record.furthest = Furthest{std::nullopt, std::nullopt, Instant{4}};
  record.opening.emplace().at = Instant{5};
  record.playhead.emplace().at = Instant{6};
  EXPECT_EQ(encoded(record), bytes({0x01, 0x01, 0x00, 0x06, 0x02, 0x00, 0x05, 0x03, 0x00, 0x04,
                                    0x04, 0x03, 0x01, 0x00, 0x05, 0x02, 0x01, 0x06, 0x01}));
}

// A value is a list of registers without a length: cut between two of them it is a shorter record,
// cut anywhere else it is none. The blocks that hold it have checksums.
TEST(RecordCodec, RefusesARegisterThatIsCutShort) {
  for (const Case& one : registers()) {
    SCOPED_TRACE(one.name);
    EXPECT_FALSE(decode(""));
    for (std::size_t size = kVersionOnly.size() + 1; size < one.stored.size(); ++size) {
      EXPECT_FALSE(decode(std::string_view(one.stored).substr(0, size))) << size << " bytes";
    }
  }
}

TEST(RecordCodec, RefusesTheExampleCutAnywhereButBetweenRegisters) {
  const std::size_t between = kVersionOnly.size() + kPlayheadBytes.size();
  for (std::size_t size = 0; size < kExample.size(); ++size) {
    const bool whole = size == kVersionOnly.size() || size == between;
    EXPECT_EQ(decode(std::string_view(kExample).substr(0, size)).has_value(), whole) << size;
  }
}

TEST(RecordCodec, RefusesAnUnknownVersion) {
  for (const unsigned version : {0x00U, 0x02U, 0x81U, 0xFFU}) {
    std::string stored = kExample;
    stored[0] = static_cast<char>(version);
    EXPECT_FALSE(decode(stored)) << version;
  }
}

TEST(RecordCodec, RefusesUnknownTags) {
  for (unsigned tag = 0; tag < 256; ++tag) {
    if (tag >= 1 && tag <= 6) continue;
    EXPECT_FALSE(decode(kExample + bytes({tag}))) << tag;
    EXPECT_FALSE(decode(kExample + bytes({tag, 0x00, 0x01}))) << tag;
  }
}

TEST(RecordCodec, RefusesUnknownPartBits) {
  // A playhead has seven parts, a furthest the first and the third of them.
  EXPECT_FALSE(decode(kVersionOnly + bytes({0x01, 0x80, 0x01})));
  EXPECT_FALSE(decode(kVersionOnly + bytes({0x02, 0xFF, 0x01})));
  for (unsigned bit = 0; bit < 8; ++bit) {
    const bool known = bit == 0 || bit == 2;
    const std::string stored = kVersionOnly + bytes({0x03, 1U << bit, 0x01, 0x01});
    EXPECT_EQ(decode(stored).has_value(), known) << bit;
  }
}

TEST(RecordCodec, RefusesNumbersPastTheirType) {
  const auto largest = bytes({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F});
  const auto past = bytes({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01});
  const auto endless = bytes({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02});
  const std::string forgotten = kVersionOnly + bytes({0x06});
  Record record;
  record.forgotten_at = Instant{std::numeric_limits<std::int64_t>::max()};
  EXPECT_EQ(decode(forgotten + largest), record);
  EXPECT_FALSE(decode(forgotten + past));
  EXPECT_FALSE(decode(forgotten + endless));

  // A yes is one, a no is zero; a season has 32 bits; a percentage 31.
  EXPECT_FALSE(decode(kVersionOnly + bytes({0x05, 0x01, 0x02})));
  EXPECT_FALSE(decode(kVersionOnly + bytes({0x04, 0x01, 0x02, 0x00})));
  const std::string series = kVersionOnly + bytes({0x01, 0x40, 0x01, 0x01, 's'});
  EXPECT_TRUE(decode(series + bytes({0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x00})));
  EXPECT_FALSE(decode(series + bytes({0x80, 0x80, 0x80, 0x80, 0x10, 0x00})));
  const std::string percent = kVersionOnly + bytes({0x03, 0x04, 0x01});
  EXPECT_TRUE(decode(percent + bytes({0xFF, 0xFF, 0xFF, 0xFF, 0x07})));
  EXPECT_FALSE(decode(percent + bytes({0x80, 0x80, 0x80, 0x80, 0x08})));
}

TEST(RecordCodec, RefusesAStringLongerThanItsBytes) {
  EXPECT_FALSE(decode(kVersionOnly + bytes({0x04, 0x01, 0x01, 0x02, 'a'})));
  EXPECT_FALSE(decode(kVersionOnly + bytes({0x04, 0x01, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                            0xFF, 0xFF, 0xFF, 0x01, 'a'})));
}

RC_GTEST_PROP(RecordCodec, RoundTrips, (Record record)) {
  const std::string stored = encoded(record);
  const auto read = decode(stored);
  RC_ASSERT(read);
  RC_ASSERT(*read == record);
}

// RapidCheck's own integers stay small; varints change their length at powers of two.
RC_GTEST_PROP(RecordCodec, RoundTripsNumbersOfAnySize, ()) {
  const std::uint64_t high = std::uint64_t{1} << *rc::gen::inRange(0, 63);
  const auto number = static_cast<std::int64_t>(high + *rc::gen::inRange<std::uint64_t>(0, high));
  Record record;
  Playhead& playhead = record.playhead.emplace();
  playhead.at = Instant{number};
  playhead.position_ms = number - 1;
  playhead.seq = static_cast<std::uint64_t>(number) << 1U;
  RC_ASSERT(decode(encoded(record)) == record);
}

// Bytes of any kind are read or refused, and nothing is read past their end (the sanitizers say).
RC_GTEST_PROP(RecordCodec, SurvivesAnyBytes, (std::vector<std::uint8_t> tail)) {
  const std::string stored = kVersionOnly + std::string(tail.begin(), tail.end());
  const std::vector<char> exact(stored.begin(), stored.end());
  const auto read = decode({exact.data(), exact.size()});
  if (read) RC_ASSERT(decode(encoded(*read)) == *read);
}

RC_GTEST_PROP(RecordCodec, SurvivesAChangedByte, (Record record)) {
  std::string stored = encoded(record);
  const auto place = *rc::gen::inRange<std::size_t>(0, stored.size());
  stored[place] = static_cast<char>(*rc::gen::inRange(0, 256));
  const std::vector<char> exact(stored.begin(), stored.end());
  const auto read = decode({exact.data(), exact.size()});
  if (read) RC_ASSERT(decode(encoded(*read)) == *read);
}

}  // namespace
}  // namespace playhead
