// Group commit: while one durable write is in flight the next batch collects; answers follow it.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "base/clock.h"
#include "base/counter.h"
#include "command/commit_queue.h"
#include "command/live_sessions.h"
#include "command/recent_acts.h"
#include "domain/policy.h"
#include "store/store.h"

namespace playhead {

/// What the commit thread counts; any thread may read.
struct CommitStats {
  std::array<Counter, 5> reports_by_verdict;  // indexed by Verdict
  Counter acts;
  Counter coalesced;
  Counter failures;
  Counter live_sessions;
  BatchHistogram batch_entries{kBatchBounds};
  LatencyHistogram commit_us{kLatencyBoundsUs};
};

/// Takes chunks from the queue, decides what each report writes, coalesces, applies one batch to
/// the store, and sends the chunks back. One thread of its own, from `start` to `stop`. The
/// store and the clock outlive it.
class GroupCommit {
 public:
  /// Gives a written chunk back to its lane; called on the commit thread.
  using Deliver = std::function<void(std::unique_ptr<CommitChunk>)>;

  GroupCommit(Store& store, Clock& clock, const Policy& policy, const CommitLimits& limits);
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  /// A new lane: the number its chunks carry. Only before `start`.
  std::size_t add_lane(Deliver deliver);
  void start();

  /// Instead of `start`, for who wants every step their own way: waits for something that was
  /// handed over, and writes it on the caller's thread; false once the queue is closed and empty.
  bool write_once();

  /// Refuses what is new, writes what was handed over, and ends the thread; what a lane still keeps
  /// is answered `shutting_down`. Bounded by the store's writes.
  void stop();

  CommitQueue& queue() { return queue_; }
  const CommitStats& stats() const { return stats_; }

 private:
  using Chunks = std::vector<std::unique_ptr<CommitChunk>>;
  struct RecordRef {
    ViewerRef viewer;
    std::string_view video_id;
    friend bool operator==(const RecordRef&, const RecordRef&) = default;
    template <typename H>
    friend H AbslHashValue(H state, const RecordRef& ref) {
      state = H::combine(std::move(state), ref.viewer, ref.video_id.size());
      return H::combine_contiguous(std::move(state), ref.video_id.data(), ref.video_id.size());
    }
  };

  using Places = absl::flat_hash_map<RecordRef, std::size_t>;

  void commit(Chunks& chunks);
  void clear_batch();
  void prepare(const CommitEntry& entry);
  void prepare_report(const CommitEntry& entry, const Report& report);
  void prepare_act(const CommitEntry& entry, const VideoAct& act);
  void prepare_erasure(const CommitEntry& entry, const EraseAct& erase);
  void add_write(ViewerRef viewer, std::string_view video_id, const Record& delta);

  Store& store_;
  Clock& clock_;
  const Policy policy_;
  CommitQueue queue_;
  std::vector<Deliver> lanes_;
  CommitStats stats_;
  // Below: the commit thread's own.
  LiveSessions sessions_;
  Batch batch_;
  Places places_;  // of a record in batch_.writes
  RecentActs recent_acts_;
  std::thread thread_;
};

}  // namespace playhead
