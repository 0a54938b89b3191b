// The commit thread: decide, coalesce, write once, send back.
#include "command/group_commit.h"

#include <algorithm>

#include <unistd.h>

#include "base/thread_name.h"

namespace playhead {
namespace {

// Some 8 MB.
constexpr std::size_t kKeptWritesMax = 16'384;

// When the disk wakes the thread, a loop in the midst of its requests goes on first: 58 reports a
// sync instead of 47 on one full core. Flushes (nice 5) and compactions (19) still make way for it,
// which they do not for batch work (`SCHED_BATCH`): beside a busy compaction a report then took 1.5
// ms instead of 0.5 (docs/adr/0015).
constexpr int kCommitNice = 4;

}  // namespace

GroupCommit::GroupCommit(Store& store, Clock& clock, const Policy& policy,
                         const CommitLimits& limits)
    : store_(store),
      clock_(clock),
      policy_(policy),
      queue_(limits),
      sessions_(limits.live_sessions_max) {}

GroupCommit::~GroupCommit() {
  stop();
}

std::size_t GroupCommit::add_lane(Deliver deliver) {
  lanes_.push_back(std::move(deliver));
  return lanes_.size() - 1;
}

void GroupCommit::start() {
  thread_ = std::thread([this] {
    name_this_thread("commit");
    static_cast<void>(::nice(kCommitNice));  // this thread's alone; where it fails all is as it was
    while (write_once()) {
    }
  });
}

void GroupCommit::stop() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

bool GroupCommit::write_once() {
  Chunks chunks = queue_.take();
  if (!chunks.empty()) commit(chunks);
  return !chunks.empty();
}

// A batch that grew beyond `kKeptWritesMax`, after a disk stood still, gives its memory back.
void GroupCommit::clear_batch() {
  if (batch_.writes.capacity() > kKeptWritesMax) {
    batch_ = Batch();
    places_ = Places();
  }
  batch_.clear();
  places_.clear();
}

void GroupCommit::commit(Chunks& chunks) {
  const auto started = clock_.steady();
  clear_batch();
  recent_acts_.age(clock_.now());
  std::size_t entries = 0;
  for (const auto& chunk : chunks) {
    entries += chunk->entries.size();
    for (const CommitEntry& entry : chunk->entries) prepare(entry);
  }
  Result<void> outcome;
  if (!batch_.empty()) outcome = store_.apply(batch_);
  if (!outcome) {
    // What was remembered of these reports may not be on disk: believe everyone again.
    sessions_.clear();
    stats_.failures.add();
  }
  const auto took = clock_.steady() - started;
  stats_.batch_entries.observe(entries);
  stats_.commit_us.observe(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  stats_.live_sessions.set(sessions_.size());
  queue_.release(chunks);
  for (auto& chunk : chunks) {
    chunk->outcome = outcome;
    const Deliver& deliver = lanes_[chunk->lane];
    deliver(std::move(chunk));
  }
}

void GroupCommit::prepare(const CommitEntry& entry) {
  if (const auto* report = std::get_if<Report>(&entry.command)) {
    prepare_report(entry, *report);
    return;
  }
  stats_.acts.add();
  if (const auto* act = std::get_if<VideoAct>(&entry.command)) {
    prepare_act(entry, *act);
  } else {
    prepare_erasure(entry, std::get<EraseAct>(entry.command));
  }
}

void GroupCommit::prepare_report(const CommitEntry& entry, const Report& report) {
  const LiveSession* live = sessions_.find(entry.viewer, report);
  const Instant received_at = report.age_ms > 0
                                  ? entry.received_at
                                  : recent_acts_.date_report(entry.viewer, entry.received_at);
  const Instant at = true_at(report, received_at);
  const Decision decision = decide(report, at, live, policy_);
  stats_.reports_by_verdict[static_cast<std::size_t>(decision.verdict)].add();
  if (decision.verdict == Verdict::written) {
    add_write(entry.viewer, report.video_id, decision.delta);
  }
  if (decision.verdict != Verdict::duplicate) sessions_.remember(remember(report, at, live));
}

void GroupCommit::prepare_act(const CommitEntry& entry, const VideoAct& act) {
  const Instant at = recent_acts_.date_act(entry.viewer, entry.received_at);
  add_write(entry.viewer, act.video_id, act_delta(act.act, at));
}

// Dated when it is written, so that it covers everything that was written before: the stores may
// then take whole ranges away.
void GroupCommit::prepare_erasure(const CommitEntry& entry, const EraseAct& erase) {
  const Instant at = recent_acts_.date_act(entry.viewer, clock_.now());
  batch_.erasures.push_back({entry.viewer.account, erase.profile, at});
}

void GroupCommit::add_write(ViewerRef viewer, std::string_view video_id, const Record& delta) {
  const auto [place, is_new] =
      places_.try_emplace(RecordRef{viewer, video_id}, batch_.writes.size());
  if (is_new) {
    batch_.writes.push_back({viewer, video_id, delta});
    return;
  }
  stats_.coalesced.add();
  merge(batch_.writes[place->second].delta, delta);
}

}  // namespace playhead
