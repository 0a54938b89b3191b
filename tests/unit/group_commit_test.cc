// Group commit: batches that grow while a write is in flight, answers after it, bounds, failures.
#include "command/group_commit.h"

#include <deque>
#include <functional>

#include <gtest/gtest.h>

#include "command/commit_lane.h"
#include "unit/fakes.h"

namespace playhead {
namespace {

using testing_only::GatedStore;
using testing_only::ManualClock;

// A loop that runs what was posted when the test says so.
class TestLoop {
 public:
  CommitLane::RunLater run_later() {
    return [this](std::function<void()> work) {
      const std::scoped_lock lock(mutex_);
      posted_.push_back(std::move(work));
      some_.notify_all();
    };
  }
  // Runs what is queued now: the end of a turn.
  void turn() {
    std::deque<std::function<void()>> work;
    {
      const std::scoped_lock lock(mutex_);
      work.swap(posted_);
    }
    for (auto& one : work) one();
  }
  void turn_until(const std::function<bool()>& done) {
    while (!done()) {
      std::unique_lock lock(mutex_);
      some_.wait(lock, [&] { return !posted_.empty(); });
      lock.unlock();
      turn();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable some_;
  std::deque<std::function<void()>> posted_;
};

class GroupCommitTest : public testing::Test {
 protected:
  void make(const CommitLimits& limits = {}) {
    commit_ = std::make_unique<GroupCommit>(store_, clock_, Policy{}, limits);
    lane_ = std::make_unique<CommitLane>(*commit_, loop_.run_later());
    commit_->start();
  }
  void TearDown() override {
    store_.open();
    if (commit_) commit_->stop();
    loop_.turn();
  }

  static Report report(std::string_view video_id, std::int64_t position_ms,
                       std::string_view session = "s", std::uint64_t seq = 1) {
    Report made;
    made.video_id = video_id;
    made.position_ms = position_ms;
    made.duration_ms = 2'640'000;
    made.session = session;
    made.seq = seq;
    return made;
  }
  Result<void> submit(const Command& command, std::string_view account = "alice") {
    return lane_->submit(account, {&command, 1}, {clock_.now_, clock_.steady_},
                         [this](const Result<void>& outcome) {
                           ++answered_;
                           if (!outcome) ++failed_;
                         });
  }
  // Submits, ends the turn, and waits for the answer.
  void commit(const Command& command) {
    ASSERT_TRUE(submit(command));
    const int target = answered_ + 1;
    loop_.turn_until([&] { return answered_ >= target; });
  }
  std::optional<Playhead> playhead(std::string_view video_id) {
    kept_ = store_.read({"alice", ""}, {&video_id, 1}, ReadFrom::anywhere).value();
    if (kept_.records().empty()) return std::nullopt;
    return kept_.records().front().record.playhead;
  }

  GatedStore store_;
  ManualClock clock_;
  TestLoop loop_;
  std::unique_ptr<GroupCommit> commit_;
  std::unique_ptr<CommitLane> lane_;
  ViewerRecords kept_;
  int answered_ = 0;
  int failed_ = 0;
};

TEST_F(GroupCommitTest, AnswersOnlyAfterTheWrite) {
  make();
  store_.shut();
  ASSERT_TRUE(submit(report("v", 200'000)));
  loop_.turn();
  store_.wait_until_a_batch_waits();
  loop_.turn();
  EXPECT_EQ(answered_, 0);
  store_.open();
  loop_.turn_until([&] { return answered_ == 1; });
  EXPECT_EQ(failed_, 0);
  EXPECT_EQ(playhead("v")->position_ms, 200'000);
}

TEST_F(GroupCommitTest, WhatComesWhileAWriteIsInFlightIsOneBatch) {
  make();
  store_.shut();
  ASSERT_TRUE(submit(report("first", 200'000)));
  loop_.turn();
  store_.wait_until_a_batch_waits();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(submit(report("v" + std::to_string(i), 200'000)));
    loop_.turn();
  }
  store_.open();
  loop_.turn_until([&] { return answered_ == 11; });
  EXPECT_EQ(store_.batch_sizes(), (std::vector<std::size_t>{1, 10}));
}

TEST_F(GroupCommitTest, ReportsOfOneRecordBecomeOneWrite) {
  make();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(submit(report("v", 200'000 + i, "s", 10 + i)));
  loop_.turn_until([&] { return answered_ == 5; });
  EXPECT_EQ(store_.batch_sizes(), std::vector<std::size_t>{1});
  EXPECT_EQ(commit_->stats().coalesced.value(), 4U);
  EXPECT_EQ(playhead("v")->position_ms, 200'004);
}

TEST_F(GroupCommitTest, ADuplicateAndAPausedPlayerWriteNothing) {
  make();
  commit(report("v", 200'000, "s", 1));
  clock_.now_.ms += 10'000;
  commit(report("v", 210'000, "s", 1));
  commit(report("v", 200'000, "s", 2));
  EXPECT_EQ(store_.batch_sizes(), std::vector<std::size_t>{1});
  commit(report("v", 210'000, "s", 3));
  EXPECT_EQ(playhead("v")->position_ms, 210'000);
}

TEST_F(GroupCommitTest, AfterAFailedWriteAResentReportIsNoDuplicate) {
  make();
  store_.fail_from_now(true);
  commit(report("v", 200'000, "s", 1));
  EXPECT_EQ(failed_, 1);
  store_.fail_from_now(false);
  commit(report("v", 200'000, "s", 1));
  EXPECT_EQ(failed_, 1);
  EXPECT_EQ(playhead("v")->position_ms, 200'000);
}

TEST_F(GroupCommitTest, ActsAndReportsOfOneMillisecondKeepTheirOrder) {
  make();
  commit(report("v", 200'000, "s", 1));
  commit(VideoAct{Act::forget, "", "v"});
  EXPECT_EQ(playhead("v"), std::nullopt);
  commit(report("v", 300'000, "s", 2));
  EXPECT_EQ(playhead("v")->position_ms, 300'000);
  commit(EraseAct{});
  EXPECT_EQ(playhead("v"), std::nullopt);
  commit(report("v", 400'000, "s", 3));
  EXPECT_EQ(playhead("v")->position_ms, 400'000);
}

TEST_F(GroupCommitTest, AReportReceivedWithAnActButWrittenLaterIsDatedAfterIt) {
  make();
  commit(VideoAct{Act::forget, "", "v"});
  ASSERT_TRUE(submit(report("v", 300'000)));  // received in the act's millisecond
  clock_.now_.ms += 9'000;                    // written seconds later
  loop_.turn_until([&] { return answered_ == 2; });
  EXPECT_EQ(playhead("v")->position_ms, 300'000);
}

TEST_F(GroupCommitTest, AReportOnItsWayDoesNotSurviveAnErasureThatIsWrittenFirst) {
  make();
  store_.shut();
  ASSERT_TRUE(submit(report("first", 200'000)));
  loop_.turn();
  store_.wait_until_a_batch_waits();
  const Instant received = clock_.now_;
  ASSERT_TRUE(submit(EraseAct{}));
  loop_.turn();
  Report on_its_way = report("v", 200'000);
  ASSERT_TRUE(submit(on_its_way));  // received now, written with or after the erasure
  clock_.now_ = Instant{received.ms + 2'000};
  loop_.turn();
  store_.open();
  loop_.turn_until([&] { return answered_ == 3; });
  EXPECT_EQ(playhead("v"), std::nullopt);
  EXPECT_EQ(playhead("first"), std::nullopt);
}

TEST_F(GroupCommitTest, OldReportsAreNotMovedPastAnErasure) {
  make();
  commit(EraseAct{});
  Report late = report("v", 200'000);
  late.age_ms = 1;
  commit(late);
  EXPECT_EQ(playhead("v"), std::nullopt);
}

TEST_F(GroupCommitTest, TicksAreRefusedFirstWhenTheQueueIsFull) {
  CommitLimits limits;
  limits.queue_entries_max = 8;
  limits.reserve_percent = 25;
  make(limits);
  store_.shut();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(submit(report("v" + std::to_string(i), 200'000)));
  const auto refused = submit(report("v6", 200'000));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::queue_full);
  Report pause = report("v7", 200'000);
  pause.event = Event::pause;
  EXPECT_TRUE(submit(pause));
  EXPECT_TRUE(submit(VideoAct{Act::hide, "", "v8"}));
  EXPECT_FALSE(submit(VideoAct{Act::hide, "", "v9"})) << "the reserve is a bound too";
  EXPECT_EQ(lane_->shed(Priority::ordinary).value(), 1U);
  EXPECT_EQ(lane_->shed(Priority::reserved).value(), 1U);
  store_.open();
  loop_.turn_until([&] { return answered_ == 8; });
  EXPECT_TRUE(submit(report("v6", 200'000))) << "room comes back with the write";
  EXPECT_LE(commit_->queue().entries(), 1U);
}

TEST_F(GroupCommitTest, BytesAreBoundedToo) {
  CommitLimits limits;
  limits.queue_bytes_max = 4 * bytes_of({"alice", ""}, report("v", 1));
  limits.reserve_percent = 0;
  make(limits);
  store_.shut();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(submit(report("v", 200'000)));
  EXPECT_FALSE(submit(report("v", 200'000)));
}

TEST_F(GroupCommitTest, TicksAreRefusedWhileAWriteTakesTooLong) {
  make();
  store_.shut();
  ASSERT_TRUE(submit(report("v", 200'000)));
  loop_.turn();
  store_.wait_until_a_batch_waits();
  clock_.steady_ += CommitLimits{}.queue_age_max;
  EXPECT_TRUE(submit(report("v", 200'000)));
  clock_.steady_ += std::chrono::milliseconds(1);
  EXPECT_FALSE(submit(report("v", 200'000)));
  EXPECT_TRUE(submit(VideoAct{Act::hide, "", "v"}));
}

TEST_F(GroupCommitTest, StopWritesWhatWasHandedOverAndRefusesTheRest) {
  make();
  store_.shut();
  ASSERT_TRUE(submit(report("v", 200'000)));
  loop_.turn();
  store_.wait_until_a_batch_waits();
  ASSERT_TRUE(submit(report("w", 200'000)));
  loop_.turn();  // the lane keeps it until the first chunk is back
  store_.open();
  commit_->stop();
  EXPECT_EQ(submit(report("x", 1)).error().code, ErrorCode::shutting_down);
  loop_.turn();
  EXPECT_EQ(answered_, 2);
  EXPECT_EQ(failed_, 1) << "nobody is told that w is on disk";
  ASSERT_TRUE(playhead("v"));
  EXPECT_EQ(playhead("v")->position_ms, 200'000);
  EXPECT_EQ(playhead("w"), std::nullopt);
}

TEST_F(GroupCommitTest, WhatIsHandedOverAfterTheEndIsRefusedAndAnswered) {
  make();
  ASSERT_TRUE(submit(report("v", 200'000)));  // reserved, and still in the open chunk
  commit_->stop();
  loop_.turn();
  EXPECT_EQ(answered_, 1);
  EXPECT_EQ(failed_, 1);
}

}  // namespace
}  // namespace playhead
