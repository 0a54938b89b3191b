// The read pool.
#include "http/read_pool.h"

#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/thread_name.h"

namespace playhead {

// Asio's own pool has no place to name a thread where it starts.
struct ReadPool::Threads {
  explicit Threads(std::size_t count) : work(io.get_executor()) {
    try {
      for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back([this] {
          name_this_thread("read");
          io.run();
        });
      }
    } catch (...) {  // the system gives no more of them: the program says so and ends
      join();
      throw;
    }
  }
  void join() {
    work.reset();
    for (auto& thread : threads) {
      if (thread.joinable()) thread.join();
    }
  }

  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::vector<std::thread> threads;
};

ReadPool::ReadPool(std::size_t threads, std::size_t waiting_max)
    : threads_(std::make_unique<Threads>(threads)), waiting_max_(waiting_max) {}

ReadPool::~ReadPool() {
  stop();
}

Result<void> ReadPool::run(std::function<void()> read) {
  // Held until it is posted: what is taken is run, also while another thread stops the pool.
  const std::scoped_lock lock(mutex_);
  if (stopped_) return fail(ErrorCode::shutting_down);
  if (waiting_.fetch_add(1, std::memory_order_relaxed) >= waiting_max_) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return fail(ErrorCode::queue_full, "too many reads wait for the disk");
  }
  boost::asio::post(threads_->io, [this, read = std::move(read)] {
    read();
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  });
  return {};
}

void ReadPool::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  threads_->join();
}

}  // namespace playhead
