// The read pool.
#include "http/read_pool.h"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

namespace playhead {

struct ReadPool::Threads {
  explicit Threads(std::size_t count) : pool(count) {}
  boost::asio::thread_pool pool;
};

ReadPool::ReadPool(std::size_t threads, std::size_t waiting_max)
    : threads_(std::make_unique<Threads>(threads)), waiting_max_(waiting_max) {}

ReadPool::~ReadPool() {
  stop();
}

Result<void> ReadPool::run(std::function<void()> read) {
  if (stopped_.load()) return fail(ErrorCode::shutting_down);
  if (waiting_.fetch_add(1, std::memory_order_relaxed) >= waiting_max_) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return fail(ErrorCode::queue_full, "too many reads wait for the disk");
  }
  boost::asio::post(threads_->pool, [this, read = std::move(read)] {
    read();
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  });
  return {};
}

void ReadPool::stop() {
  stopped_.store(true);
  threads_->pool.join();
}

}  // namespace playhead
