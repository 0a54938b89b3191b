// A report from body to store: decode, merge, coalesce, write.
#include <deque>
#include <thread>

#include <benchmark/benchmark.h>

#include "command/commit_lane.h"
#include "command/report_decoder.h"
#include "domain/policy.h"
#include "micro/samples.h"
#include "store/record_codec.h"

namespace playhead::bench {
namespace {

void decode_report(benchmark::State& state, std::string (*body_of)()) {
  const std::string body = body_of();
  ReportDecoder decoder;
  for (auto _ : state) {
    const auto report = decoder.decode(body);
    if (!report) state.SkipWithError("refused");
    benchmark::DoNotOptimize(report->video_id);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}
BENCHMARK_CAPTURE(decode_report, short_one, short_report);
BENCHMARK_CAPTURE(decode_report, every_field, full_report);

void decode_batch(benchmark::State& state) {
  std::string body = R"({"reports": [)";
  for (std::size_t i = 0; i < kBatchReportsMax; ++i) body += (i > 0 ? "," : "") + short_report();
  body += "]}";
  body.reserve(body.size() + kBodyPaddingBytes);
  ReportDecoder decoder;
  for (auto _ : state) benchmark::DoNotOptimize(decoder.decode_batch(body));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatchReportsMax));
}
BENCHMARK(decode_batch);

void merge_records(benchmark::State& state) {
  const Record older = tick_delta(Instant{1'000}, kPositionMs, "3f9a0c41");
  const Record newer = tick_delta(Instant{2'000}, kPositionMs + 10'000, "3f9a0c41");
  for (auto _ : state) {
    Record record = older;
    merge(record, newer);
    benchmark::DoNotOptimize(record);
  }
}
BENCHMARK(merge_records);

void encode_record(benchmark::State& state) {
  const Record record = tick_delta(Instant{1'795'447'674'481}, kPositionMs, "3f9a0c41");
  std::string out;
  for (auto _ : state) {
    out.clear();
    encode(record, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(encode_record);

void decode_record(benchmark::State& state) {
  std::string bytes;
  encode(tick_delta(Instant{1'795'447'674'481}, kPositionMs, "3f9a0c41"), bytes);
  for (auto _ : state) {
    Record record;
    benchmark::DoNotOptimize(decode(bytes, record));
    benchmark::DoNotOptimize(record);
  }
}
BENCHMARK(decode_record);

// A batch of as many reports as one sync takes, each of another viewer, written unsynced.
void write_batch(benchmark::State& state) {
  StoreFolder folder;
  const std::vector<std::string> accounts = some_accounts(state.range(1));
  const std::string video = video_id(42);
  std::int64_t at = folder.clock().now().ms;
  std::size_t next = 0;
  Batch batch;
  for (auto _ : state) {
    batch.clear();
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      batch.writes.push_back({{accounts[next], ""}, video, tick_delta({at}, kPositionMs, "3f9a")});
      next = (next + kStride) % accounts.size();
    }
    ++at;
    if (!folder.store().apply(batch)) state.SkipWithError("not written");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(write_batch)->ArgsProduct({{1, 80, 1'000}, {5'000, 100'000}});

/// Takes every batch and keeps nothing: what is left is the group commit itself.
class NullStore final : public Store {
 public:
  Result<void> apply(const Batch&) override { return {}; }
  Result<ViewerRecords> read(ViewerRef, std::span<const std::string_view>, ReadFrom) override {
    return ViewerRecords();
  }
  Result<ViewerRecords> read_all(ViewerRef, ReadFrom) override { return ViewerRecords(); }
  Result<void> purge(Instant, const std::stop_token&) override { return {}; }
  std::optional<StoreTrouble> trouble() const override { return std::nullopt; }
  StoreStats stats() const override { return {}; }
};

/// The turns of an event loop, without sockets.
class Turns {
 public:
  CommitLane::RunLater run_later() {
    return [this](std::function<void()> work) {
      const std::scoped_lock lock(mutex_);
      posted_.push_back(std::move(work));
      some_.notify_one();
    };
  }
  void until(const bool& done) {
    while (!done) {
      std::function<void()> work;
      {
        std::unique_lock lock(mutex_);
        some_.wait(lock, [&] { return !posted_.empty(); });
        work = std::move(posted_.front());
        posted_.pop_front();
      }
      work();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable some_;
  std::deque<std::function<void()>> posted_;
};

// From `submit` through both threads to the answers, a turn of as many reports at a time.
void group_commit(benchmark::State& state) {
  NullStore store;
  SystemClock clock;
  GroupCommit commit(store, clock, Policy{}, CommitLimits{});
  Turns turns;
  CommitLane lane(commit, turns.run_later());
  commit.start();
  const std::vector<std::string> accounts = some_accounts(state.range(1));
  Report report;
  report.video_id = "video-000042";
  report.position_ms = kPositionMs;
  report.duration_ms = kDurationMs;
  report.session = "3f9a0c41";
  std::size_t next = 0;
  for (auto _ : state) {
    std::int64_t answered = 0;
    bool done = false;
    const ReceivedAt now{clock.now(), clock.steady()};
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      ++*report.position_ms;
      const Command command = report;
      auto taken = lane.submit(accounts[next], {&command, 1}, now,
                               [&](const Result<void>&) { done = ++answered == state.range(0); });
      if (!taken) state.SkipWithError("refused");
      next = (next + kStride) % accounts.size();
    }
    turns.until(done);
  }
  commit.stop();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(group_commit)->ArgsProduct({{1, 80, 1'000}, {5'000, 100'000}})->MeasureProcessCPUTime();

}  // namespace
}  // namespace playhead::bench
