// What every store must do: one suite, run on each.
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <stop_token>
#include <thread>

#include <gtest/gtest.h>

#include "base/log.h"
#include "store/memory/memory_store.h"
#include "store/rocksdb/options.h"
#include "store/rocksdb/rocks_store.h"
#include "temp_folder.h"

namespace playhead {
namespace {

constexpr ViewerRef kAlice{"alice", ""};
constexpr ViewerRef kKids{"alice", "kids"};
constexpr ViewerRef kBob{"bob", ""};

class QuietLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::string_view,
             std::initializer_list<LogField>) override {}
};

class FixedClock final : public Clock {
 public:
  Instant now() override { return now_; }
  std::chrono::steady_clock::time_point steady() override { return {}; }
  Instant now_{1};
};

// A store under test, and how it is closed and opened again.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual Store& store() = 0;
  virtual void reopen() = 0;
  virtual void compact() = 0;
  FixedClock clock;
};

class MemorySubject final : public Subject {
 public:
  Store& store() override { return store_; }
  void reopen() override {}  // its data lives as long as the process
  void compact() override {}

 private:
  MemoryStore store_;
};

class RocksSubject final : public Subject {
 public:
  RocksSubject() { reopen(); }
  Store& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    auto opened = rocks::RocksStore::open(folder_.path(), rocks::Tuning{}, clock, log_);
    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    store_ = std::move(*opened);
  }
  void compact() override { ASSERT_TRUE(store_->compact().has_value()); }

 private:
  QuietLog log_;
  const testing_only::TempFolder folder_;
  std::unique_ptr<rocks::RocksStore> store_;
};

using MakeSubject = std::function<std::unique_ptr<Subject>()>;

// A store by name; the name is what a failing test prints.
struct StoreUnderTest {
  const char* name;
  MakeSubject make;
  friend void PrintTo(const StoreUnderTest& store, std::ostream* out) { *out << store.name; }
};

class StoreContract : public testing::TestWithParam<StoreUnderTest> {
 protected:
  void SetUp() override { subject_ = GetParam().make(); }

  Store& store() { return subject_->store(); }

  void write(ViewerRef viewer, std::string_view video_id, const Record& delta) {
    Batch batch;
    batch.writes.push_back({viewer, video_id, delta});
    ASSERT_TRUE(store().apply(batch).has_value());
  }
  void erase(std::string_view account, std::optional<std::string_view> profile, Instant at) {
    Batch batch;
    batch.erasures.push_back({account, profile, at});
    ASSERT_TRUE(store().apply(batch).has_value());
  }
  std::optional<Record> read(ViewerRef viewer, std::string_view video_id) {
    const std::string_view ids[] = {video_id};
    kept_ = store().read(viewer, ids, ReadFrom::anywhere).value();
    if (kept_.records().empty()) return std::nullopt;
    return kept_.records().front().record;
  }
  std::vector<std::string> ids(ViewerRef viewer) {
    const auto all = store().read_all(viewer, ReadFrom::anywhere).value();
    std::vector<std::string> found;
    for (const auto& stored : all.records()) found.emplace_back(stored.video_id);
    return found;
  }

  std::unique_ptr<Subject> subject_;
  ViewerRecords kept_;  // what the record that `read` returned borrows from
};

Record at_position(std::int64_t at_ms, std::int64_t position_ms, std::string_view session = "s") {
  Record delta;
  Playhead& playhead = delta.playhead.emplace();
  playhead.at = Instant{at_ms};
  playhead.session = session;
  playhead.position_ms = position_ms;
  delta.furthest = Furthest{position_ms, std::nullopt, Instant{at_ms}};
  return delta;
}

Record forget_at(std::int64_t at_ms) {
  Record delta;
  delta.forgotten_at = Instant{at_ms};
  return delta;
}

TEST_P(StoreContract, AnUnknownViewerHasNothing) {
  EXPECT_EQ(read(kAlice, "v"), std::nullopt);
  EXPECT_TRUE(ids(kAlice).empty());
}

TEST_P(StoreContract, NewestWinsInEveryOrder) {
  write(kAlice, "v", at_position(20, 2'000));
  write(kAlice, "v", at_position(10, 9'000));
  const auto record = read(kAlice, "v");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->playhead->position_ms, 2'000);
  EXPECT_EQ(record->furthest->position_ms, 9'000);
}

TEST_P(StoreContract, TiesAreBrokenBySessionThenSeqThenValue) {
  write(kAlice, "v", at_position(10, 5'000, "b"));
  write(kAlice, "v", at_position(10, 6'000, "a"));
  EXPECT_EQ(read(kAlice, "v")->playhead->session, "b");
  write(kAlice, "v", at_position(10, 7'000, "b"));
  EXPECT_EQ(read(kAlice, "v")->playhead->position_ms, 7'000);
  Record later_seq = at_position(10, 1'000, "b");
  later_seq.playhead->seq = 1;
  write(kAlice, "v", later_seq);
  EXPECT_EQ(read(kAlice, "v")->playhead->position_ms, 1'000);
}

TEST_P(StoreContract, ReplayChangesNothing) {
  write(kAlice, "v", at_position(10, 1'000));
  const std::string_view asked[] = {"v"};
  const auto once = store().read(kAlice, asked, ReadFrom::anywhere).value();
  write(kAlice, "v", at_position(10, 1'000));
  write(kAlice, "v", at_position(10, 1'000));
  EXPECT_EQ(read(kAlice, "v"), once.records().front().record);
}

TEST_P(StoreContract, EveryRegisterRoundTrips) {
  Record full = at_position(10, 1'000);
  full.playhead->seq = 7;
  full.playhead->duration_ms = 100'000;
  full.playhead->percent_bp = 100;
  full.playhead->credits_ms = 90'000;
  full.playhead->device = "tv";
  full.playhead->series = Series{"s-7", 2, 3};
  full.opening = full.playhead;
  full.finished = Finished{Instant{11}, true, "s"};
  full.hidden = Hidden{Instant{12}, true};
  write(kAlice, "v", full);
  EXPECT_EQ(read(kAlice, "v"), full);
  subject_->reopen();
  EXPECT_EQ(read(kAlice, "v"), full);
  subject_->compact();
  EXPECT_EQ(read(kAlice, "v"), full);
}

TEST_P(StoreContract, OneBatchHoldsManyViewersAndTheSameKeyTwice) {
  Batch batch;
  batch.writes.push_back({kAlice, "a", at_position(10, 1)});
  batch.writes.push_back({kBob, "b", at_position(10, 2)});
  batch.writes.push_back({kAlice, "a", at_position(11, 3)});
  ASSERT_TRUE(store().apply(batch).has_value());
  EXPECT_EQ(read(kAlice, "a")->playhead->position_ms, 3);
  EXPECT_EQ(read(kBob, "b")->playhead->position_ms, 2);
}

TEST_P(StoreContract, ViewersAreApart) {
  // Names chosen so that a key made by mere concatenation would mix them up.
  const std::vector<ViewerRef> viewers = {{"a", "b"},  {"ab", ""}, {"a", ""},        {"a", "bv"},
                                          {"ab", "v"}, {"av", ""}, {"a\xC3\xBF", ""}};
  for (const ViewerRef& viewer : viewers) {
    write(viewer, std::string(viewer.account) + "/" + std::string(viewer.profile),
          at_position(1, 1));
  }
  for (const ViewerRef& viewer : viewers) {
    EXPECT_EQ(ids(viewer), std::vector<std::string>{std::string(viewer.account) + "/" +
                                                    std::string(viewer.profile)});
  }
}

TEST_P(StoreContract, ReadAllGoesByVideoIdAndReadKeepsTheOrderAsked) {
  for (const char* id : {"c", "a", "b", "aa"}) write(kAlice, id, at_position(1, 1));
  EXPECT_EQ(ids(kAlice), (std::vector<std::string>{"a", "aa", "b", "c"}));
  const std::string_view asked[] = {"c", "missing", "a"};
  const auto found = store().read(kAlice, asked, ReadFrom::anywhere).value();
  ASSERT_EQ(found.records().size(), 2U);
  EXPECT_EQ(found.records()[0].video_id, "c");
  EXPECT_EQ(found.records()[1].video_id, "a");
}

TEST_P(StoreContract, ForgottenIsGoneInEveryOrderAndNewerStays) {
  write(kAlice, "v", at_position(10, 1'000));
  write(kAlice, "v", forget_at(10));
  EXPECT_EQ(read(kAlice, "v"), std::nullopt);
  EXPECT_TRUE(ids(kAlice).empty());
  write(kAlice, "v", at_position(9, 900));
  EXPECT_EQ(read(kAlice, "v"), std::nullopt);
  write(kAlice, "v", at_position(11, 100));
  EXPECT_EQ(read(kAlice, "v")->playhead->position_ms, 100);
}

// Enough records that a store may want to keep what it read.
TEST_P(StoreContract, WhoWasReadBeforeIsReadAsWrittenSince) {
  std::vector<std::string> names;
  for (int i = 100; i < 200; ++i) names.push_back("v" + std::to_string(i));
  const auto all = [&](ViewerRef viewer) {
    store().read_all(viewer, ReadFrom::anywhere).value();
    return store().read_all(viewer, ReadFrom::anywhere).value();
  };
  for (const std::string& name : names) {
    write(kAlice, name, at_position(10, 1));
    write(kKids, name, at_position(10, 1));
  }
  ASSERT_EQ(all(kAlice).records().size(), 100U);
  ASSERT_EQ(all(kKids).records().size(), 100U);

  write(kAlice, "v107", at_position(20, 2));
  EXPECT_EQ(all(kAlice).records()[7].record.playhead->position_ms, 2);
  EXPECT_EQ(all(kKids).records()[7].record.playhead->position_ms, 1);
  write(kAlice, "v050", at_position(20, 3));
  EXPECT_EQ(all(kAlice).records().front().video_id, "v050");
  write(kAlice, "v107", forget_at(20));
  EXPECT_EQ(all(kAlice).records().size(), 100U);

  erase("alice", "kids", Instant{15});
  EXPECT_TRUE(all(kKids).records().empty());
  EXPECT_EQ(all(kAlice).records().size(), 100U);
  erase("alice", std::nullopt, Instant{30});
  EXPECT_TRUE(all(kAlice).records().empty());
  for (const std::string& name : names) write(kAlice, name, at_position(30, 4));  // late
  EXPECT_TRUE(all(kAlice).records().empty());
  for (const std::string& name : names) write(kAlice, name, at_position(31, 4));
  EXPECT_EQ(all(kAlice).records().size(), 100U);
  subject_->reopen();
  EXPECT_EQ(all(kAlice).records().size(), 100U);
}

TEST_P(StoreContract, ErasureOfAnAccountTakesAllItsProfilesAndNobodyElse) {
  write(kAlice, "v", at_position(10, 1));
  write(kKids, "v", at_position(10, 2));
  write(kBob, "v", at_position(10, 3));
  erase("alice", std::nullopt, Instant{20});
  EXPECT_TRUE(ids(kAlice).empty());
  EXPECT_TRUE(ids(kKids).empty());
  EXPECT_EQ(ids(kBob).size(), 1U);
}

TEST_P(StoreContract, ErasureOfAProfileLeavesTheOthers) {
  write(kAlice, "v", at_position(10, 1));
  write(kKids, "v", at_position(10, 2));
  erase("alice", "kids", Instant{20});
  EXPECT_EQ(ids(kAlice).size(), 1U);
  EXPECT_TRUE(ids(kKids).empty());
}

TEST_P(StoreContract, ErasureIsFinalForWhatWasOnItsWay) {
  write(kAlice, "v", at_position(10, 1));
  erase("alice", std::nullopt, Instant{20});
  write(kAlice, "v", at_position(20, 2));
  write(kAlice, "unseen", at_position(15, 2));
  write(kKids, "v", at_position(12, 2));
  EXPECT_TRUE(ids(kAlice).empty());
  EXPECT_TRUE(ids(kKids).empty());
  subject_->reopen();
  subject_->compact();
  EXPECT_TRUE(ids(kAlice).empty());
  EXPECT_EQ(read(kAlice, "v"), std::nullopt);
  write(kAlice, "v", at_position(21, 3));
  EXPECT_EQ(read(kAlice, "v")->playhead->position_ms, 3);
}

TEST_P(StoreContract, AnErasureAndAReportInOneBatch) {
  Batch batch;
  batch.writes.push_back({kAlice, "old", at_position(20, 1)});
  batch.erasures.push_back({"alice", std::nullopt, Instant{20}});
  batch.writes.push_back({kAlice, "new", at_position(21, 2)});
  ASSERT_TRUE(store().apply(batch).has_value());
  EXPECT_EQ(ids(kAlice), std::vector<std::string>{"new"});
}

TEST_P(StoreContract, AnOlderErasureDoesNotReplaceANewerOne) {
  erase("alice", std::nullopt, Instant{20});
  erase("alice", std::nullopt, Instant{10});
  write(kAlice, "v", at_position(15, 1));
  EXPECT_TRUE(ids(kAlice).empty());
}

TEST_P(StoreContract, PurgeDropsOldErasuresButNothingComesBack) {
  const Instant erased{kDayMs};
  write(kAlice, "v", at_position(erased.ms - 2, 1));
  erase("alice", std::nullopt, erased);
  write(kAlice, "late", at_position(erased.ms - 1, 2));
  write(kAlice, "new", at_position(erased.ms + 1, 3));
  write(kAlice, "new", at_position(erased.ms - 1, 4));

  ASSERT_TRUE(store().purge(Instant{erased.ms + kErasureKeptMs - 1}, {}).has_value());
  write(kAlice, "later", at_position(erased.ms, 2));
  EXPECT_EQ(ids(kAlice), std::vector<std::string>{"new"}) << "the erasure still stands";

  subject_->clock.now_ = Instant{erased.ms + kErasureKeptMs};
  ASSERT_TRUE(store().purge(subject_->clock.now_, {}).has_value());
  EXPECT_EQ(ids(kAlice), std::vector<std::string>{"new"}) << "late ones do not come back";
  EXPECT_NE(read(kAlice, "new")->furthest.value_or(Furthest{}).position_ms, 4);
  subject_->compact();
  subject_->reopen();
  subject_->compact();
  EXPECT_EQ(ids(kAlice), std::vector<std::string>{"new"});
  EXPECT_EQ(read(kAlice, "new")->playhead->position_ms, 3);
}

TEST_P(StoreContract, APurgeThatIsAskedToStopLeavesWhatItHasNotDone) {
  const Instant erased{kDayMs};
  erase("alice", std::nullopt, erased);
  write(kAlice, "late", at_position(erased.ms - 1, 2));
  std::stop_source asked;
  asked.request_stop();
  subject_->clock.now_ = Instant{erased.ms + kErasureKeptMs};
  ASSERT_TRUE(store().purge(subject_->clock.now_, asked.get_token()).has_value());
  EXPECT_TRUE(ids(kAlice).empty());
  ASSERT_TRUE(store().purge(subject_->clock.now_, {}).has_value());
  EXPECT_TRUE(ids(kAlice).empty());
}

// What was erased is not seen between an erasure and a late report that comes right behind it.
TEST_P(StoreContract, AReadThatMeetsAnErasureDoesNotShowWhatCameLate) {
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (std::int64_t at = 100; at < 3'100; ++at) {
      erase("alice", std::nullopt, Instant{at});
      write(kAlice, "late", at_position(at - 1, 1));
    }
    done = true;
  });
  std::size_t shown = 0;
  const std::string_view late[] = {"late"};
  while (!done) {
    shown += store().read_all(kAlice, ReadFrom::anywhere)->records().size();
    shown += store().read(kAlice, late, ReadFrom::anywhere)->records().size();
  }
  writer.join();
  EXPECT_EQ(shown, 0U);
}

TEST_P(StoreContract, WhatWasWrittenIsThereAfterReopening) {
  for (int i = 0; i < 500; ++i) write(kAlice, "v" + std::to_string(i), at_position(10 + i, i));
  subject_->reopen();
  EXPECT_EQ(ids(kAlice).size(), 500U);
  for (int i = 0; i < 500; i += 7) {
    EXPECT_EQ(read(kAlice, "v" + std::to_string(i))->playhead->position_ms, i);
  }
}

TEST_P(StoreContract, StatsCountRecords) {
  for (int i = 0; i < 100; ++i) write(kAlice, "v" + std::to_string(i), at_position(10 + i, i));
  EXPECT_GT(store().stats().records, 0U);
  EXPECT_GT(store().stats().memory_bytes, 0U);
  EXPECT_EQ(store().trouble(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreContract,
    testing::Values(StoreUnderTest{"memory", [] { return std::make_unique<MemorySubject>(); }},
                    StoreUnderTest{"rocksdb", [] { return std::make_unique<RocksSubject>(); }}),
    [](const auto& store) { return store.param.name; });

}  // namespace
}  // namespace playhead
