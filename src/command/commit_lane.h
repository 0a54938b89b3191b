// One event loop's way into the group commit, and its answers' way back.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/counter.h"
#include "command/group_commit.h"

namespace playhead {

/// Collects what a loop submits in a turn and hands it over once. Belongs to its loop's thread;
/// only `deliver`'s hop comes from the commit thread. Outlived by the GroupCommit's thread never:
/// stop that first.
class CommitLane {
 public:
  /// `run_later` runs a function on the loop after the turn's other work; it is called on the loop
  /// and by the commit thread.
  using RunLater = std::function<void(std::function<void()>)>;

  /// Registers with `commit`, which must not have been started.
  CommitLane(GroupCommit& commit, RunLater run_later);

  /// Submits commands of one account; all of them become durable in one write, then `on_committed`
  /// is called on the loop. `queue_full` and `shutting_down` refuse all of them at once; trying
  /// later helps. Copies what it is given.
  Result<void> submit(std::string_view account, std::span<const Command> commands,
                      const ReceivedAt& received_at, OnCommitted on_committed);

  /// Reports and acts refused because the queue was full, by Priority.
  const Counter& shed(Priority priority) const { return shed_[static_cast<std::size_t>(priority)]; }

 private:
  void flush();
  void finish(std::unique_ptr<CommitChunk> chunk);
  void answer(std::unique_ptr<CommitChunk> chunk);

  GroupCommit& commit_;
  RunLater run_later_;
  std::size_t lane_;
  std::unique_ptr<CommitChunk> open_;
  std::vector<std::unique_ptr<CommitChunk>> spare_;
  std::size_t handed_over_ = 0;
  bool flush_due_ = false;
  std::array<Counter, 2> shed_;
};

}  // namespace playhead
