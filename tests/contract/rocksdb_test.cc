// What only the embedded store does: reads that would wait for a disk, and opening with care.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <stop_token>
#include <thread>

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "base/log.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/options.h"
#include "store/rocksdb/rocks_store.h"
#include "temp_folder.h"

namespace playhead::rocks {
namespace {

class RecordingLog final : public Log {
 public:
  void write(LogLevel, std::string_view event, std::string_view,
             std::initializer_list<LogField>) override {
    events.emplace_back(event);
  }
  std::vector<std::string> events;
};

class RocksStoreTest : public testing::Test {
 protected:
  Result<std::unique_ptr<RocksStore>> open() {
    return RocksStore::open(folder_, Tuning{}, clock_, log_);
  }
  std::unique_ptr<Database> open_database() {
    return Database::open(folder_, {Tuning{}, clock_, log_, {}}, WhenMissing::create).value();
  }
  static void write(Store& store, std::string_view video_id) {
    Batch batch;
    RecordWrite& write = batch.writes.emplace_back();
    write.viewer = kAlice;
    write.video_id = video_id;
    write.delta.hidden = Hidden{Instant{10}, true};
    ASSERT_TRUE(store.apply(batch));
  }

  static constexpr ViewerRef kAlice{"alice", ""};
  SystemClock clock_;
  RecordingLog log_;
  const testing_only::TempFolder temp_;
  const std::filesystem::path& folder_ = temp_.path();
};

TEST_F(RocksStoreTest, AReadThatMissesTheCacheWouldBlockAndThenDoesNot) {
  {
    auto store = open().value();
    for (int i = 0; i < 100; ++i) write(*store, "v" + std::to_string(i));
    ASSERT_TRUE(store->compact());
  }
  auto store = open().value();
  const std::string_view ids[] = {"v1"};
  const auto missed = store->read(kAlice, ids, ReadFrom::memory);
  ASSERT_FALSE(missed);
  EXPECT_EQ(missed.error().code, ErrorCode::would_block);
  EXPECT_EQ(store->read_all(kAlice, ReadFrom::memory).error().code, ErrorCode::would_block);

  EXPECT_EQ(store->read_all(kAlice, ReadFrom::anywhere)->records().size(), 100U);
  EXPECT_EQ(store->read(kAlice, ids, ReadFrom::anywhere)->records().size(), 1U);
  EXPECT_EQ(store->read_all(kAlice, ReadFrom::memory)->records().size(), 100U);
  EXPECT_EQ(store->read(kAlice, ids, ReadFrom::memory)->records().size(), 1U);
}

TEST_F(RocksStoreTest, WhatWasJustWrittenIsReadFromMemory) {
  auto store = open().value();
  write(*store, "v");
  EXPECT_EQ(store->read_all(kAlice, ReadFrom::memory)->records().size(), 1U);
}

TEST_F(RocksStoreTest, AViewerWithALongHistoryIsReadOnAWorker) {
  auto store = open().value();
  Batch batch;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i <= kRecordsReadOnLoopMax; ++i) ids.push_back("v" + std::to_string(i));
  for (const std::string& id : ids) {
    RecordWrite& write = batch.writes.emplace_back();
    write.viewer = kAlice;
    write.video_id = id;
    write.delta.hidden = Hidden{Instant{10}, true};
  }
  ASSERT_TRUE(store->apply(batch));
  EXPECT_EQ(store->read_all(kAlice, ReadFrom::memory).error().code, ErrorCode::would_block);
  EXPECT_EQ(store->read_all(kAlice, ReadFrom::anywhere)->records().size(), ids.size());
}

// Readers beside the writer: none may find what an earlier one kept, once newer was acknowledged.
TEST_F(RocksStoreTest, WhoIsReadWhileBeingWrittenIsNeverOlderThanAcknowledged) {
  auto store = open().value();
  std::atomic<std::int64_t> acknowledged = 0;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const std::int64_t least = acknowledged;
        const auto read = store->read_all(kAlice, ReadFrom::memory);
        ASSERT_TRUE(read);
        if (read->records().empty()) continue;
        const auto& playhead = read->records().front().record.playhead;
        ASSERT_GE(playhead ? playhead->at.ms : 0, least);
      }
    });
  }
  // Beside them, so that the memtable's list becomes a skip list under their eyes.
  for (int i = 0; i < 64; ++i) write(*store, "v" + std::to_string(i));
  Batch batch;
  RecordWrite& tick = batch.writes.emplace_back(RecordWrite{kAlice, "v0", {}});
  for (std::int64_t at_ms = 1; at_ms <= 500; ++at_ms) {
    tick.delta.playhead.emplace().at = Instant{at_ms};
    ASSERT_TRUE(store->apply(batch));
    acknowledged = at_ms;
  }
  // Left in peace, readers meet in what one of them kept.
  for (int i = 0; i < 10'000 && store->stats().hot_reads == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_GT(store->stats().hot_reads, 0U);
}

TEST_F(RocksStoreTest, AFolderInUseIsNotOpenedTwice) {
  auto store = open().value();
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail.find("another process uses it"), std::string::npos)
      << second.error().detail;
}

TEST_F(RocksStoreTest, AStoreOfANewerFormatIsNotOpened) {
  {
    auto database = open_database();
    ASSERT_TRUE(
        database->db()
            .Put(rocksdb::WriteOptions(), "format_version", std::to_string(kFormatVersion + 1))
            .ok());
  }
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("run the newer program"), std::string::npos)
      << opened.error().detail;
}

TEST_F(RocksStoreTest, ADamagedRecordIsAnErrorAndNotAnEmptyAnswer) {
  {
    auto database = open_database();
    ASSERT_TRUE(database->db()
                    .Merge(rocksdb::WriteOptions(), database->records(),
                           std::string("\x05"
                                       "alice"
                                       "\x00"
                                       "v"
                                       "video",
                                       13),
                           "\xFFrubbish")
                    .ok());
  }
  auto store = open().value();
  const auto read = store->read_all(kAlice, ReadFrom::anywhere);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::store_unavailable);
  EXPECT_EQ(log_.events, (std::vector<std::string>{"store_created", "store_read_failed"}));
}

TEST_F(RocksStoreTest, AFolderThatCannotBeMadeSaysSo) {
  const auto opened = RocksStore::open("/proc/playhead-cannot-be-here", Tuning{}, clock_, log_);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("/proc/playhead-cannot-be-here"), std::string::npos);
}

}  // namespace
}  // namespace playhead::rocks
