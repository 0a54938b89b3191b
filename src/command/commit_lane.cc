// The lane: one open chunk a turn.
#include "command/commit_lane.h"

#include <utility>

namespace playhead {
namespace {

// Chunks kept for use again: one open and one handed over.
constexpr std::size_t kSpareMax = 2;

// One that grew longer, while a disk stood still, is not: 8 MB of every loop's would stay.
constexpr std::size_t kSpareEntriesMax = 16'384;

// One chunk in the write, or on its way there; what comes then goes into the next, which grows
// until that one is back. So a batch is all that came meanwhile, and a disk that stands still is
// met by two chunks a loop, not one a turn.
constexpr std::size_t kHandedOverMax = 1;

}  // namespace

CommitLane::CommitLane(GroupCommit& commit, RunLater run_later)
    : commit_(commit), run_later_(std::move(run_later)) {
  lane_ = commit_.add_lane([this](std::unique_ptr<CommitChunk> chunk) {
    // std::function wants copyable captures; the pointer is taken over again at once.
    run_later_([this, raw = chunk.release()] { finish(std::unique_ptr<CommitChunk>(raw)); });
  });
}

Result<void> CommitLane::submit(std::string_view account, std::span<const Command> commands,
                                const ReceivedAt& received_at, OnCommitted on_committed) {
  std::size_t bytes = 0;
  Priority priority = Priority::ordinary;
  for (const Command& command : commands) {
    bytes += bytes_of({account, {}}, command);
    if (priority_of(command) == Priority::reserved) priority = Priority::reserved;
  }
  auto room = commit_.queue().reserve(commands.size(), bytes, priority, received_at.steady);
  if (!room) {
    const bool shed = room.error().code == ErrorCode::queue_full;
    if (shed) shed_[static_cast<std::size_t>(priority)].add(commands.size());
    return room;
  }
  if (!open_) {
    if (spare_.empty()) {
      open_ = std::make_unique<CommitChunk>();
    } else {
      open_ = std::move(spare_.back());
      spare_.pop_back();
    }
    open_->lane = lane_;
    run_later_([this] { flush(); });
  }
  for (const Command& command : commands) open_->add({account, {}}, command, received_at);
  open_->waiting.push_back(std::move(on_committed));
  return {};
}

void CommitLane::flush() {
  flush_due_ = handed_over_ >= kHandedOverMax;
  if (flush_due_) return;
  auto refused = commit_.queue().push(std::move(open_));
  if (!refused) {
    ++handed_over_;
    return;
  }
  refused->outcome = fail(ErrorCode::shutting_down);
  answer(std::move(refused));
}

void CommitLane::finish(std::unique_ptr<CommitChunk> chunk) {
  --handed_over_;
  if (flush_due_) flush();
  answer(std::move(chunk));
}

void CommitLane::answer(std::unique_ptr<CommitChunk> chunk) {
  for (const OnCommitted& on_committed : chunk->waiting) on_committed(chunk->outcome);
  chunk->clear();
  if (spare_.size() < kSpareMax && chunk->entries.capacity() <= kSpareEntriesMax) {
    spare_.push_back(std::move(chunk));
  }
}

}  // namespace playhead
