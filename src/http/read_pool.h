// Threads for reads that wait for a disk.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

#include "base/error.h"

namespace playhead {

/// A few threads and a bounded number of reads waiting for them. Thread safe.
class ReadPool {
 public:
  ReadPool(std::size_t threads, std::size_t waiting_max);
  ~ReadPool();
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  /// Runs `read` on one of the threads; `queue_full` where too many wait, and a later try
  /// helps; `shutting_down` after `stop`.
  Result<void> run(std::function<void()> read);

  /// Finishes what was taken and ends the threads.
  void stop();

  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  struct Threads;  // keeps Asio's header out of this one
  std::unique_ptr<Threads> threads_;
  const std::size_t waiting_max_;
  std::atomic<std::size_t> waiting_{0};
  std::mutex mutex_;
  bool stopped_ = false;  // under the mutex
};

}  // namespace playhead
