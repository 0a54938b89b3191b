// Hot viewers: what is found again, what no longer, and the bound.
#include "store/rocksdb/hot_viewers.h"

#include <gtest/gtest.h>

namespace playhead::rocks {
namespace {

constexpr ViewerRef kAlice{"alice", ""};
constexpr ViewerRef kKids{"alice", "kids"};
constexpr std::size_t kPlenty = 64U << 20U;

std::shared_ptr<const EncodedRecords> records(std::size_t count = 100) {
  auto made = std::make_shared<EncodedRecords>();
  for (std::size_t i = 0; i < count; ++i) made->add("v" + std::to_string(i), "an encoded record");
  return made;
}

void keep(HotViewers& hot, ViewerRef viewer, std::size_t count = 100) {
  hot.keep(viewer, hot.epoch_of(viewer.account), {records(count), Instant{7}});
}

TEST(HotViewers, AViewerIsFoundAgainAndNoOther) {
  HotViewers hot(kPlenty);
  EXPECT_FALSE(hot.find(kAlice));
  const auto kept = records();
  hot.keep(kAlice, hot.epoch_of("alice"), {kept, Instant{7}});
  for (int i = 0; i < 2; ++i) {
    const auto found = hot.find(kAlice);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->records, kept);
    EXPECT_EQ(found->erased_at, Instant{7});
  }
  EXPECT_EQ(hot.hits(), 2U);
  EXPECT_FALSE(hot.find(kKids));
  EXPECT_FALSE(hot.find({"alic", ""}));
}

TEST(HotViewers, AWriteOfTheAccountEndsItForAllItsProfiles) {
  HotViewers hot(kPlenty);
  keep(hot, kAlice);
  keep(hot, kKids);
  keep(hot, {"bob", ""});
  hot.wrote("alice");
  EXPECT_FALSE(hot.find(kAlice));
  EXPECT_FALSE(hot.find(kKids));
  EXPECT_TRUE(hot.find({"bob", ""}));
  keep(hot, kAlice);
  EXPECT_TRUE(hot.find(kAlice));
}

TEST(HotViewers, WhatWasReadBeforeAWriteIsNotFoundAfterIt) {
  HotViewers hot(kPlenty);
  const auto epoch = hot.epoch_of("alice");
  hot.wrote("alice");
  hot.keep(kAlice, epoch, {records(), Instant{}});
  EXPECT_FALSE(hot.find(kAlice));
}

TEST(HotViewers, TheBoundHoldsAndWhoIsAskedForStays) {
  constexpr std::size_t kBytesMax = 1U << 20U;
  HotViewers hot(kBytesMax);
  keep(hot, kAlice);
  for (int i = 0; i < 2'000; ++i) {
    const std::string account = "viewer-" + std::to_string(i);
    keep(hot, {account, ""});
    ASSERT_TRUE(hot.find({account, ""}));
    ASSERT_TRUE(hot.find(kAlice)) << i;
    ASSERT_LE(hot.memory_bytes(), kBytesMax);
  }
  EXPECT_FALSE(hot.find({"viewer-0", ""}));
  EXPECT_GT(hot.memory_bytes(), kBytesMax / 2);
}

TEST(HotViewers, KeepsNeitherFewRecordsNorMoreThanItsShare) {
  HotViewers hot(1U << 20U);
  keep(hot, kAlice, HotViewers::kRecordsMin - 1);
  EXPECT_FALSE(hot.find(kAlice));
  keep(hot, kAlice, 10'000);  // a worker's
  EXPECT_FALSE(hot.find(kAlice));
  keep(hot, kAlice, 4'000);  // more bytes than a sixteenth
  EXPECT_FALSE(hot.find(kAlice));
  EXPECT_EQ(hot.memory_bytes(), 0U);
  HotViewers none(0);
  keep(none, kAlice);
  EXPECT_FALSE(none.find(kAlice));
}

TEST(HotViewers, ReadAgainReplacesWhatWasKept) {
  HotViewers hot(kPlenty);
  keep(hot, kAlice, 100);
  const std::size_t bytes = hot.memory_bytes();
  keep(hot, kAlice, 100);
  EXPECT_EQ(hot.memory_bytes(), bytes);
  hot.wrote("alice");
  EXPECT_FALSE(hot.find(kAlice));
  EXPECT_EQ(hot.memory_bytes(), 0U);
}

}  // namespace
}  // namespace playhead::rocks
