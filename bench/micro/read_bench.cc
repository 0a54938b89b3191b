// Reading: the row of 300 and of 2,000 videos, stage by stage, and one resume point.
#include <benchmark/benchmark.h>

#include "domain/policy.h"
#include "domain/row.h"
#include "http/etag.h"
#include "http/resume_json.h"
#include "micro/samples.h"
#include "query/queries.h"
#include "unit/auth_tokens.h"

namespace playhead::bench {
namespace {

// `log`: written out when the store was opened again, every record a single update.
enum class Where : std::uint8_t { memtable, log, table };

void fill(StoreFolder& folder, std::int64_t videos, Where where) {
  folder.fill(static_cast<std::size_t>(videos));
  if (where == Where::memtable) return;
  if (where == Where::table && !folder.store().compact()) std::abort();
  folder.reopen();
  (void)folder.store().read_all(kViewer, ReadFrom::anywhere);  // into the block cache
}

ViewerRecords read_all(StoreFolder& folder, benchmark::State& state) {
  auto records = folder.store().read_all(kViewer, ReadFrom::memory);
  if (!records) state.SkipWithError("not in memory");
  return records ? std::move(*records) : ViewerRecords();
}

void read_viewer(benchmark::State& state, Where where) {
  StoreFolder folder;
  fill(folder, state.range(0), where);
  for (auto _ : state) benchmark::DoNotOptimize(read_all(folder, state).records().size());
}
BENCHMARK_CAPTURE(read_viewer, memtable, Where::memtable)->Arg(20)->Arg(300)->Arg(2'000);
BENCHMARK_CAPTURE(read_viewer, log, Where::log)->Arg(20)->Arg(300)->Arg(2'000);
BENCHMARK_CAPTURE(read_viewer, table, Where::table)->Arg(20)->Arg(300)->Arg(2'000);

void row_rules(benchmark::State& state) {
  StoreFolder folder;
  fill(folder, state.range(0), Where::memtable);
  const ViewerRecords records = read_all(folder, state);
  const Instant now = folder.clock().now();
  for (auto _ : state) {
    std::vector<Title> titles;
    for (const StoredRecord& stored : records.records()) {
      titles.push_back({stored.video_id, &stored.record});
    }
    benchmark::DoNotOptimize(keep_watching(titles, std::nullopt, 20, Policy{}, now));
  }
}
BENCHMARK(row_rules)->Arg(300)->Arg(2'000);

// As the endpoint does it: read, rules, JSON, tag.
void answer_row(benchmark::State& state, StoreFolder& folder) {
  const CursorCodec cursors(kTestKey);
  const Queries queries(folder.store(), folder.clock(), Policy{}, cursors);
  for (auto _ : state) {
    const auto row = queries.keep_watching(kViewer, kRowLimitDefault, "", ReadFrom::memory);
    if (!row || row->items.size() != kRowLimitDefault) state.SkipWithError("not a whole row");
    benchmark::DoNotOptimize(tagged_answer(resume_list_json(*row, ListKind::row), ""));
  }
}

void row(benchmark::State& state, Where where) {
  StoreFolder folder;
  fill(folder, state.range(0), where);
  answer_row(state, folder);
}
BENCHMARK_CAPTURE(row, memtable, Where::memtable)->Arg(300)->Arg(2'000);
BENCHMARK_CAPTURE(row, table, Where::table)->Arg(300)->Arg(2'000);

// In the middle of a film (720 ticks are two hours), whose ticks lie unmerged in the memtable: as
// the first reader finds it, and as those after the next tick do.
void row_in_a_film(benchmark::State& state, bool read_before) {
  StoreFolder folder;
  fill(folder, 300, Where::table);
  folder.watch(video_id(7), static_cast<std::size_t>(state.range(0)));
  if (read_before) {
    read_all(folder, state);
    folder.watch(video_id(7), 1);
  }
  answer_row(state, folder);
}
BENCHMARK_CAPTURE(row_in_a_film, first, false)->Arg(90)->Arg(720)->Arg(5'000);
BENCHMARK_CAPTURE(row_in_a_film, later, true)->Arg(90)->Arg(720)->Arg(5'000);

void resume(benchmark::State& state, StoreFolder& folder, std::size_t video) {
  const CursorCodec cursors(kTestKey);
  const Queries queries(folder.store(), folder.clock(), Policy{}, cursors);
  const std::string id = video_id(video);
  const std::string_view ids[] = {id};
  for (auto _ : state) {
    const auto points = queries.resume_points(kViewer, ids, ReadFrom::memory);
    if (!points || points->items.size() != 1) state.SkipWithError("no resume point");
    benchmark::DoNotOptimize(tagged_answer(resume_json(points->items.front()), ""));
  }
}

void resume_point(benchmark::State& state, Where where) {
  StoreFolder folder;
  fill(folder, 300, where);
  resume(state, folder, 7);
}
BENCHMARK_CAPTURE(resume_point, memtable, Where::memtable);
BENCHMARK_CAPTURE(resume_point, table, Where::table);

void resume_in_a_film(benchmark::State& state) {
  StoreFolder folder;
  fill(folder, 300, Where::table);
  folder.watch(video_id(7), static_cast<std::size_t>(state.range(0)));
  resume(state, folder, 7);
}
BENCHMARK(resume_in_a_film)->Arg(90)->Arg(720)->Arg(5'000);

}  // namespace
}  // namespace playhead::bench
