// The bounded queue between the event loops and the commit thread, handed over in chunks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "command/command.h"
#include "domain/ids.h"

namespace playhead {

struct CommitLimits {
  std::size_t queue_entries_max = 65'536;
  std::size_t queue_bytes_max = 32U << 20U;
  std::chrono::milliseconds queue_age_max{2'000};
  /// The share of entries and bytes that ordinary ticks may not use.
  std::size_t reserve_percent = 25;
  std::size_t batch_entries_max = 4'096;
  std::size_t live_sessions_max = 262'144;
};

/// Called on the loop that submitted, once: with success when all of its entries are durable.
using OnCommitted = std::function<void(const Result<void>&)>;

/// One command of one viewer, with what it needs until it is written.
struct CommitEntry {
  ViewerRef viewer;
  Command command;
  Instant received_at;
};

/// What one loop submitted in one turn. It travels whole: filled on the loop, written by the commit
/// thread, answered on the loop, and used again. Its entries borrow from its own memory.
class CommitChunk {
 public:
  CommitChunk();
  CommitChunk(const CommitChunk&) = delete;
  CommitChunk& operator=(const CommitChunk&) = delete;

  /// Copies the command with all it borrows, and adds its bytes_of to `bytes`.
  void add(ViewerRef viewer, const Command& command, const ReceivedAt& received_at);
  void clear();

  std::vector<CommitEntry> entries;
  std::vector<OnCommitted> waiting;
  std::size_t bytes = 0;
  std::chrono::steady_clock::time_point opened_at;
  std::size_t lane = 0;
  Result<void> outcome;

 private:
  std::string_view keep(std::string_view text);

  // First memory of the arena below: some 250 reports of a turn without an allocation.
  static constexpr std::size_t kArenaBytes = 32U << 10U;
  std::unique_ptr<std::byte[]> first_;
  std::pmr::monotonic_buffer_resource arena_;
};

/// What a command adds to the queue's bytes.
std::size_t bytes_of(ViewerRef viewer, const Command& command);

/// Entries wait here while a write is in flight. Bounded in entries, bytes and age. Thread safe.
class CommitQueue {
 public:
  explicit CommitQueue(const CommitLimits& limits) : limits_(limits) {}

  /// Takes room for `entries` and `bytes`, or refuses with `queue_full` (try again later) or
  /// `shutting_down`. Ordinary entries are refused first. Costs two atomic additions.
  Result<void> reserve(std::size_t entries, std::size_t bytes, Priority priority,
                       std::chrono::steady_clock::time_point now);

  /// Hands over a chunk whose room was reserved; gives it back where nobody takes any more.
  [[nodiscard]] std::unique_ptr<CommitChunk> push(std::unique_ptr<CommitChunk> chunk);

  /// Waits for chunks and takes whole ones, the oldest first, until they hold batch_entries_max
  /// entries or there are no more; empty when the queue is closed and drained.
  std::vector<std::unique_ptr<CommitChunk>> take();

  /// Gives the room of written chunks back.
  void release(const std::vector<std::unique_ptr<CommitChunk>>& chunks);

  /// No more reservations; `take` empties what is there, then says so.
  void close();

  std::size_t entries() const { return entries_.load(std::memory_order_relaxed); }
  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  bool too_old(std::chrono::steady_clock::time_point now) const;

  const CommitLimits limits_;
  std::atomic<std::size_t> entries_{0};
  std::atomic<std::size_t> bytes_{0};
  /// When the oldest chunk in flight was opened, in steady-clock ticks; 0 where none is.
  std::atomic<std::chrono::steady_clock::rep> oldest_{0};
  std::mutex mutex_;
  std::condition_variable some_;
  std::vector<std::unique_ptr<CommitChunk>> waiting_;
  bool drained_ = false;  // `take` has said that there is no more
  std::atomic<bool> closed_{false};
};

}  // namespace playhead
