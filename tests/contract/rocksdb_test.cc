// What only the embedded store does: reads that would wait for a disk, and opening with care.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <stop_token>
#include <thread>

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/resource.h>

#include "base/log.h"
#include "store/memory/memory_store.h"
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
// There is room for one viewer, so that the other sends away who is being written.
TEST_F(RocksStoreTest, WhoIsReadWhileBeingWrittenIsNeverOlderThanAcknowledged) {
  Tuning tuning;
  tuning.hot_viewers_bytes = 16 * 8'000;
  auto store = RocksStore::open(folder_, tuning, clock_, log_).value();
  constexpr ViewerRef kKids{"alice", "kids"};
  std::array<std::string, 64> ids;
  std::array<std::atomic<std::int64_t>, 64> acknowledged{};
  for (std::size_t i = 0; i < ids.size(); ++i) ids.at(i) = "v" + std::to_string(10 + i);
  const auto write_at = [&](ViewerRef viewer, std::size_t video, std::int64_t at_ms) {
    Batch batch;
    RecordWrite& tick = batch.writes.emplace_back(RecordWrite{viewer, ids.at(video), {}});
    tick.delta.playhead.emplace().at = Instant{at_ms};
    return store->apply(batch).has_value();
  };
  for (std::size_t i = 0; i < ids.size(); ++i) ASSERT_TRUE(write_at(kKids, i, 1));

  std::vector<std::jthread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&](const std::stop_token& stop) {
      for (int round = 0; !stop.stop_requested(); ++round) {
        if (round % 8 == 0) {
          ASSERT_TRUE(store->read_all(kKids, ReadFrom::memory));
        }
        std::array<std::int64_t, 64> least{};
        for (std::size_t i = 0; i < least.size(); ++i) least.at(i) = acknowledged.at(i);
        const auto read = store->read_all(kAlice, ReadFrom::memory);
        ASSERT_TRUE(read);
        std::map<std::string_view, std::int64_t> found;
        for (const StoredRecord& stored : read->records()) {
          found[stored.video_id] = stored.record.playhead.value().at.ms;
        }
        for (std::size_t i = 0; i < least.size(); ++i) ASSERT_GE(found[ids.at(i)], least.at(i));
      }
    });
  }
  for (std::int64_t at_ms = 1; at_ms <= 1'500; ++at_ms) {
    // Each once, so that the account's list grows under their eyes; then one video for a while, as
    // players do, and another.
    const std::size_t video = static_cast<std::size_t>(at_ms <= 64 ? at_ms : at_ms / 8) % 64;
    ASSERT_TRUE(write_at(kAlice, video, at_ms));
    acknowledged.at(video) = at_ms;
  }
  // Left in peace, readers meet in what one of them kept.
  for (int i = 0; i < 10'000 && store->stats().hot_reads == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_GT(store->stats().hot_reads, 0U);
}

// An erasure and a report between a look at what is kept and the reading of what was written since.
TEST_F(RocksStoreTest, WhatWasErasedIsNotReadBesideWhatCameLater) {
  Tuning tuning;
  tuning.sync = false;
  auto store = RocksStore::open(folder_, tuning, clock_, log_).value();
  std::array<std::string, 64> ids;
  for (std::size_t i = 0; i < ids.size(); ++i) ids.at(i) = "v" + std::to_string(10 + i);
  std::vector<std::jthread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const auto read = store->read_all(kAlice, ReadFrom::memory);
        ASSERT_TRUE(read);
        for (const StoredRecord& stored : read->records()) {
          ASSERT_EQ(stored.record.playhead.value().at, read->records()[0].record.playhead->at);
        }
      }
    });
  }
  for (std::int64_t era = 1; era <= 1'500; ++era) {
    const auto write_of = [&](std::size_t video) {
      RecordWrite write{kAlice, ids.at(video), {}};
      write.delta.playhead.emplace().at = Instant{2 * era};
      return write;
    };
    Batch erasure;
    erasure.erasures.push_back({"alice", std::nullopt, Instant{2 * era - 1}});
    Batch all;
    for (std::size_t i = 0; i < ids.size(); ++i) all.writes.push_back(write_of(i));
    Batch some;
    for (std::size_t i = 0; i < 5; ++i) some.writes.push_back(write_of(i));
    erasure.writes = some.writes;
    ASSERT_TRUE(store->apply(erasure));
    ASSERT_TRUE(store->apply(all));
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(store->apply(some));
  }
}

// What is read partly from memory is what the reference holds, whatever was done in between.
TEST_F(RocksStoreTest, WhoIsReadAgainIsReadAsTheMemoryStoreReadsThem) {
  auto store = open().value();
  MemoryStore reference;
  std::mt19937 random(20'261'124);  // NOLINT(cert-msc51-cpp): the same steps each time
  const auto below = [&](std::uint32_t bound) { return static_cast<int>(random() % bound); };
  constexpr std::array<ViewerRef, 2> kViewers{kAlice, ViewerRef{"alice", "kids"}};
  for (std::int64_t step = 1; step <= 3'000; ++step) {
    Batch batch;
    const ViewerRef viewer = kViewers.at(static_cast<std::size_t>(below(2)));
    std::vector<std::string> ids(step % 500 == 1 ? 60U : static_cast<std::size_t>(below(4)));
    for (std::string& id : ids) {
      id = "v" + std::to_string(below(80));
      RecordWrite& write = batch.writes.emplace_back(RecordWrite{viewer, id, {}});
      const Instant at{10 + step - below(3)};
      if (below(10) == 0) {
        write.delta.forgotten_at = at;
      } else {
        write.delta.playhead.emplace().at = at;
      }
    }
    if (below(400) == 0) {
      // Not before anything that was written: what is gone of that is the stores' own affair.
      const auto profile = below(2) == 0 ? std::optional(viewer.profile) : std::nullopt;
      batch.erasures.push_back({viewer.account, profile, Instant{10 + step}});
    }
    ASSERT_TRUE(store->apply(batch));
    ASSERT_TRUE(reference.apply(batch));
    for (const ViewerRef one : kViewers) {
      if (below(2) == 0) continue;
      const auto read = store->read_all(one, ReadFrom::anywhere);
      const auto expected = reference.read_all(one, ReadFrom::anywhere);
      ASSERT_TRUE(read);
      ASSERT_EQ(read->records().size(), expected->records().size()) << step;
      for (std::size_t i = 0; i < read->records().size(); ++i) {
        ASSERT_EQ(read->records()[i].video_id, expected->records()[i].video_id) << step;
        ASSERT_EQ(read->records()[i].record, expected->records()[i].record) << step;
      }
    }
  }
  EXPECT_GT(store->stats().hot_reads, 1'000U);
}

// What writes tables out beside a busy loop is on a thread of RocksDB's that yields to it.
TEST_F(RocksStoreTest, WritingATableOutYieldsToLoops) {
  auto database = open_database();
  ASSERT_TRUE(database->db().Merge({}, database->records(), "\5alice", "").ok());
  ASSERT_TRUE(database->flush());
  int flushing = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(thread.path() / "comm") >> std::ws, name);
    if (name != "rocksdb:high") continue;
    const auto id = static_cast<id_t>(std::stoi(thread.path().filename()));
    if (::getpriority(PRIO_PROCESS, id) >= 5) ++flushing;
  }
  EXPECT_GT(flushing, 0);
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
