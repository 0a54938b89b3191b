// A clock that stands still until it is moved, and a store that does as it is told.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/clock.h"
#include "store/memory/memory_store.h"

namespace playhead::testing_only {

class ManualClock final : public Clock {
 public:
  Instant now() override { return now_; }
  std::chrono::steady_clock::time_point steady() override { return steady_; }

  Instant now_{1'000'000};
  std::chrono::steady_clock::time_point steady_ = std::chrono::steady_clock::now();
};

/// The memory store behind a gate: batches wait while it is shut, and fail when told to.
class GatedStore final : public Store {
 public:
  Result<void> apply(const Batch& batch) override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    --waiting_;
    batch_sizes_.push_back(batch.writes.size());
    if (failing_) return fail(ErrorCode::store_unavailable, "told to fail");
    return store_.apply(batch);
  }
  Result<ViewerRecords> read(ViewerRef viewer, std::span<const std::string_view> ids,
                             ReadFrom from) override {
    return store_.read(viewer, ids, from);
  }
  Result<ViewerRecords> read_all(ViewerRef viewer, ReadFrom from) override {
    return store_.read_all(viewer, from);
  }
  Result<void> purge(Instant now, const std::stop_token& stop) override {
    return store_.purge(now, stop);
  }
  std::optional<StoreTrouble> trouble() const override { return std::nullopt; }
  StoreStats stats() const override { return store_.stats(); }

  void shut() {
    set([&] { open_ = false; });
  }
  void open() {
    set([&] { open_ = true; });
  }
  void fail_from_now(bool failing) {
    set([&] { failing_ = failing; });
  }
  void wait_until_a_batch_waits() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }
  std::vector<std::size_t> batch_sizes() {
    const std::scoped_lock lock(mutex_);
    return batch_sizes_;
  }

 private:
  template <typename Change>
  void set(Change change) {
    const std::scoped_lock lock(mutex_);
    change();
    changed_.notify_all();
  }

  MemoryStore store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> batch_sizes_;
  int waiting_ = 0;
  bool open_ = true;
  bool failing_ = false;
};

}  // namespace playhead::testing_only
