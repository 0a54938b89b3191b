// Long chains of updates are shortened, and no reader can tell but by its time.
#include "store/rocksdb/long_chains.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <rocksdb/perf_context.h>

#include "base/log.h"
#include "store/memory/memory_store.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/options.h"
#include "store/rocksdb/rocks_store.h"
#include "temp_folder.h"

namespace playhead::rocks {
namespace {

constexpr ViewerRef kAlice{"alice", ""};
constexpr int kFilm = 100;  // updates of a film; more than a chain may have

class QuietLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::string_view,
             std::initializer_list<LogField>) override {}
};

class FixedClock final : public Clock {
 public:
  Instant now() override { return Instant{1}; }
  std::chrono::steady_clock::time_point steady() override { return {}; }
};

struct Opened {
  Opened() { open(); }
  void open() {
    store.reset();
    Tuning tuning;
    tuning.sync = false;  // the disk is not what is tested
    store = RocksStore::open(folder.path(), tuning, clock, log).value();
  }

  QuietLog log;
  FixedClock clock;
  const testing_only::TempFolder folder;
  std::unique_ptr<RocksStore> store;
};

Batch tick(std::string_view video_id, std::int64_t at) {
  Batch batch;
  RecordWrite& write = batch.writes.emplace_back();
  write.viewer = kAlice;
  write.video_id = video_id;
  write.delta.playhead.emplace().at = Instant{at};
  write.delta.playhead->position_ms = at;
  return batch;
}

// How many updates a reader of the viewer has to merge.
std::uint64_t updates_merged(Store& store) {
  // The first read of a thread switches its counts off.
  EXPECT_TRUE(store.read_all({"nobody", ""}, ReadFrom::memory));
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  const std::uint64_t before = rocksdb::get_perf_context()->internal_merge_count;
  EXPECT_TRUE(store.read_all(kAlice, ReadFrom::memory));
  return rocksdb::get_perf_context()->internal_merge_count - before;
}

TEST(LongChains, ShortOnesAreLeftAlone) {
  LongChains chains;
  chains.saw("key", LongChains::kUpdatesMin - 1);
  EXPECT_TRUE(chains.some().empty());
  chains.saw("key", LongChains::kUpdatesMin);
  EXPECT_EQ(chains.some(), std::vector<std::string>{"key"});
  chains.drop({"key"});
  EXPECT_TRUE(chains.some().empty());
}

TEST(LongChains, AreBounded) {
  LongChains chains;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < 2 * LongChains::kKeysMax; ++i) {
    chains.saw("key" + std::to_string(i), LongChains::kUpdatesMin);
  }
  for (auto some = chains.some(); !some.empty(); some = chains.some()) {
    EXPECT_LE(some.size(), LongChains::kTakenMax);
    taken += some.size();
    chains.drop(some);
  }
  EXPECT_EQ(taken, LongChains::kKeysMax);
}

TEST(LongChains, AreShortenedByTheWriteThatFollowsARead) {
  Opened opened;
  for (int i = 1; i <= kFilm; ++i) ASSERT_TRUE(opened.store->apply(tick("film", i)));
  EXPECT_EQ(updates_merged(*opened.store), kFilm - 1);  // the first is not counted
  EXPECT_EQ(updates_merged(*opened.store), kFilm - 1);  // reading alone changes nothing
  ASSERT_TRUE(opened.store->apply(tick("other", 1)));
  EXPECT_LE(updates_merged(*opened.store), 1);
  ASSERT_TRUE(opened.store->apply(tick("film", kFilm + 1)));
  EXPECT_LE(updates_merged(*opened.store), 2);
  const auto read = opened.store->read_all(kAlice, ReadFrom::memory);
  EXPECT_EQ(read->records().front().record.playhead->at, Instant{kFilm + 1});
}

// The merge stands before the erasure of its batch, which takes it.
TEST(LongChains, AreErasedWithTheBatchThatShortensThem) {
  Opened opened;
  for (int i = 1; i <= kFilm; ++i) ASSERT_TRUE(opened.store->apply(tick("film", i)));
  ASSERT_TRUE(opened.store->read_all(kAlice, ReadFrom::memory));
  Batch erase;
  erase.erasures.push_back({"alice", std::nullopt, Instant{kFilm}});
  ASSERT_TRUE(opened.store->apply(erase));
  opened.store.reset();
  auto database = Database::open(opened.folder.path(), {Tuning{}, opened.clock, opened.log, {}},
                                 WhenMissing::create)
                      .value();
  std::string key;
  record_key(kAlice, "film", key);
  std::string value;
  EXPECT_TRUE(
      database->db().Get(rocksdb::ReadOptions(), database->records(), key, &value).IsNotFound());
}

void expect_same(Store& expected, Store& actual) {
  const auto want = expected.read_all(kAlice, ReadFrom::anywhere).value();
  const auto got = actual.read_all(kAlice, ReadFrom::anywhere).value();
  RC_ASSERT(got.records().size() == want.records().size());
  for (std::size_t i = 0; i < want.records().size(); ++i) {
    RC_ASSERT(got.records()[i].video_id == want.records()[i].video_id);
    RC_ASSERT(got.records()[i].record == want.records()[i].record);
  }
}

RC_GTEST_PROP(LongChains, ReadersSeeWhatTheMemoryStoreShows, ()) {
  Opened opened;
  MemoryStore model;
  std::int64_t now = 1;
  const auto apply = [&](const Batch& batch) {
    RC_ASSERT(model.apply(batch).has_value());
    RC_ASSERT(opened.store->apply(batch).has_value());
  };
  const int steps = *rc::gen::inRange(1, 12);
  for (int step = 0; step < steps; ++step) {
    const auto video_id = *rc::gen::element<std::string_view>("film", "other");
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
      case 1:
        for (int i = 0; i < kFilm; ++i) apply(tick(video_id, ++now));
        break;
      case 2:
        apply(tick(video_id, std::max<std::int64_t>(1, now - *rc::gen::inRange(0, 50))));
        break;
      case 3: {
        Batch batch = tick(video_id, ++now);
        batch.writes.front().delta = Record{};
        batch.writes.front().delta.forgotten_at = Instant{now};
        apply(batch);
        break;
      }
      case 4: {
        Batch batch;
        batch.erasures.push_back({"alice", std::nullopt, Instant{++now}});
        apply(batch);
        break;
      }
      default:
        opened.open();
    }
    expect_same(model, *opened.store);
  }
}

}  // namespace
}  // namespace playhead::rocks
