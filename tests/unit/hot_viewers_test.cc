// Hot viewers: what is found again, what is noted as written, and the bound.
#include "store/rocksdb/hot_viewers.h"

#include <gtest/gtest.h>

namespace playhead::rocks {
namespace {

constexpr ViewerRef kAlice{"alice", ""};
constexpr ViewerRef kKids{"alice", "kids"};
constexpr ViewerRef kBob{"bob", ""};
constexpr std::size_t kPlenty = 64U << 20U;

using Videos = std::vector<std::string>;

std::shared_ptr<const EncodedRecords> records(std::size_t count = 100) {
  auto made = std::make_shared<EncodedRecords>();
  for (std::size_t i = 0; i < count; ++i) made->add("v" + std::to_string(i), "an encoded record");
  return made;
}

std::shared_ptr<const EncodedRecords> keep(HotViewers& hot, ViewerRef viewer,
                                           std::size_t count = 100) {
  const auto look = hot.look(viewer);
  auto kept = records(count);
  hot.keep(viewer, look.version, kept, Instant{7});
  return kept;
}

void wrote(HotViewers& hot, ViewerRef viewer, std::string_view video_id) {
  const RecordWrite write{viewer, video_id, {}};
  hot.wrote({&write, 1});
}

// Leaves nothing behind of a viewer who is not there.
bool is_there(HotViewers& hot, ViewerRef viewer) {
  const auto look = hot.look(viewer);
  hot.give_up(viewer, look.version);
  return look.records != nullptr;
}

TEST(HotViewers, AViewerIsFoundAgainAndNoOther) {
  HotViewers hot(kPlenty);
  EXPECT_FALSE(is_there(hot, kAlice));
  const auto kept = keep(hot, kAlice);
  for (int i = 0; i < 2; ++i) {
    const auto look = hot.look(kAlice);
    EXPECT_EQ(look.records, kept);
    EXPECT_EQ(look.erased_at, Instant{7});
    EXPECT_TRUE(look.changed.empty());
  }
  EXPECT_FALSE(is_there(hot, kKids));
  EXPECT_FALSE(is_there(hot, {"alic", ""}));
}

TEST(HotViewers, EachWriteOfABatchIsNotedAlsoBehindThoseOfOthers) {
  HotViewers hot(kPlenty);
  keep(hot, kAlice);
  keep(hot, kKids);
  const std::vector<RecordWrite> writes = {{kBob, "v7", {}},
                                           {kAlice, "v7", {}},
                                           {kBob, "v8", {}},
                                           {kKids, "new", {}},
                                           {kAlice, "v8", {}}};
  hot.wrote(writes);
  EXPECT_EQ(hot.look(kAlice).changed, (Videos{"v7", "v8"}));
  EXPECT_EQ(hot.look(kKids).changed, Videos{"new"});
}

TEST(HotViewers, WhatIsWrittenOfAViewerIsNotedOnceAndOfNoOther) {
  HotViewers hot(kPlenty);
  const auto kept = keep(hot, kAlice);
  keep(hot, kKids);
  keep(hot, kBob);
  for (const char* video_id : {"v7", "new", "v7"}) wrote(hot, kAlice, video_id);
  const auto look = hot.look(kAlice);
  EXPECT_EQ(look.records, kept);
  EXPECT_EQ(look.changed, (Videos{"v7", "new"}));
  EXPECT_TRUE(hot.look(kKids).changed.empty());
  EXPECT_TRUE(hot.look(kBob).changed.empty());
}

TEST(HotViewers, WhatWasReadAnewTakesThePlaceOfWhatWasKept) {
  HotViewers hot(kPlenty);
  keep(hot, kAlice);
  const std::size_t bytes = hot.memory_bytes();
  wrote(hot, kAlice, "v7");
  EXPECT_GT(hot.memory_bytes(), bytes);
  const auto kept = keep(hot, kAlice);
  const auto look = hot.look(kAlice);
  EXPECT_EQ(look.records, kept);
  EXPECT_TRUE(look.changed.empty());
  EXPECT_EQ(hot.memory_bytes(), bytes);
}

TEST(HotViewers, WhatWasReadBesideAWriteIsNotKept) {
  HotViewers hot(kPlenty);
  auto look = hot.look(kAlice);
  wrote(hot, kAlice, "v7");
  hot.keep(kAlice, look.version, records(), Instant{});
  EXPECT_FALSE(is_there(hot, kAlice));

  const auto kept = keep(hot, kAlice);
  wrote(hot, kAlice, "v7");
  look = hot.look(kAlice);
  wrote(hot, kAlice, "v7");  // noted already, and yet the reader may have seen what was before it
  hot.keep(kAlice, look.version, records(), Instant{});
  look = hot.look(kAlice);
  EXPECT_EQ(look.records, kept);
  EXPECT_EQ(look.changed, Videos{"v7"});
}

TEST(HotViewers, OfReadersBesideEachOtherTheFirstKeeps) {
  HotViewers hot(kPlenty);
  const auto one = hot.look(kAlice);
  const auto other = hot.look(kAlice);
  const auto kept = records();
  hot.keep(kAlice, one.version, kept, Instant{});
  hot.keep(kAlice, other.version, records(), Instant{});
  EXPECT_EQ(hot.look(kAlice).records, kept);
}

TEST(HotViewers, WhoGivesUpTakesNothingFromOthers) {
  HotViewers hot(kPlenty);
  hot.give_up(kAlice, hot.look(kAlice).version);
  EXPECT_EQ(hot.memory_bytes(), 0U);
  auto look = hot.look(kAlice);
  wrote(hot, kAlice, "v7");
  hot.give_up(kAlice, look.version);
  EXPECT_EQ(hot.memory_bytes(), 0U);

  look = hot.look(kAlice);
  wrote(hot, kAlice, "v7");
  const auto other = hot.look(kAlice);
  hot.keep(kAlice, look.version, records(), Instant{});
  hot.give_up(kAlice, look.version);
  const auto kept = records();
  hot.keep(kAlice, other.version, kept, Instant{});
  EXPECT_EQ(hot.look(kAlice).records, kept);

  keep(hot, kAlice);
  wrote(hot, kAlice, "v7");
  hot.give_up(kAlice, hot.look(kAlice).version);
  EXPECT_TRUE(is_there(hot, kAlice));
}

TEST(HotViewers, OfWhomManyVideosWereWrittenAllIsReadAnew) {
  HotViewers hot(kPlenty);
  for (const auto& [count, most] :
       {std::pair<std::size_t, std::size_t>{3'000, HotViewers::kChangedMax},
        {60, 60 / HotViewers::kRecordsAChange}}) {
    keep(hot, kAlice, count);
    for (std::size_t i = 0; i < most; ++i) wrote(hot, kAlice, "v" + std::to_string(i));
    EXPECT_EQ(hot.look(kAlice).changed.size(), most);
    wrote(hot, kAlice, "one more");
    EXPECT_FALSE(is_there(hot, kAlice));
    EXPECT_EQ(hot.memory_bytes(), 0U);
  }
}

TEST(HotViewers, AnErasureOfTheAccountEndsItForAllItsProfiles) {
  HotViewers hot(kPlenty);
  keep(hot, kAlice);
  keep(hot, kKids);
  keep(hot, kBob);
  hot.erased("alice");
  EXPECT_FALSE(is_there(hot, kAlice));
  EXPECT_FALSE(is_there(hot, kKids));
  EXPECT_TRUE(is_there(hot, kBob));

  const auto look = hot.look(kAlice);
  hot.erased("alice");
  hot.keep(kAlice, look.version, records(), Instant{});
  EXPECT_FALSE(is_there(hot, kAlice));
}

TEST(HotViewers, TheBoundHoldsAndWhoIsAskedForStays) {
  constexpr std::size_t kBytesMax = 1U << 20U;
  HotViewers hot(kBytesMax);
  keep(hot, kAlice);
  for (int i = 0; i < 2'000; ++i) {
    const std::string account = "viewer-" + std::to_string(i);
    keep(hot, {account, ""});
    wrote(hot, {account, ""}, std::string(255, 'v'));
    ASSERT_TRUE(is_there(hot, {account, ""}));
    ASSERT_TRUE(is_there(hot, kAlice)) << i;
    ASSERT_LE(hot.memory_bytes(), kBytesMax);
  }
  EXPECT_FALSE(is_there(hot, {"viewer-0", ""}));
  EXPECT_GT(hot.memory_bytes(), kBytesMax / 2);
}

TEST(HotViewers, KeepsNeitherFewRecordsNorMoreThanItsShare) {
  HotViewers hot(1U << 20U);
  keep(hot, kAlice, HotViewers::kRecordsMin - 1);
  EXPECT_FALSE(is_there(hot, kAlice));
  keep(hot, kAlice, 10'000);  // a worker's
  EXPECT_FALSE(is_there(hot, kAlice));
  keep(hot, kAlice, 4'000);  // more bytes than a sixteenth
  EXPECT_FALSE(is_there(hot, kAlice));
  EXPECT_EQ(hot.memory_bytes(), 0U);
  keep(hot, kKids);  // of the same account, so that they share it
  keep(hot, kAlice, 4'000);
  EXPECT_FALSE(is_there(hot, kAlice));
  EXPECT_TRUE(is_there(hot, kKids));
  for (const std::size_t bytes_max : {0, 1'000}) {
    HotViewers none(bytes_max);
    keep(none, kAlice);
    wrote(none, kAlice, "v7");
    none.erased("alice");
    EXPECT_FALSE(is_there(none, kAlice));
    EXPECT_EQ(none.memory_bytes(), 0U);
  }
}

}  // namespace
}  // namespace playhead::rocks
