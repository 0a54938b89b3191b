// Housekeeping.
#include "app/housekeeper.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/thread_name.h"

namespace playhead {
namespace {

constexpr std::chrono::hours kPurgeEvery{1};

// How soon trouble is looked at; an idle server does not notice four look-ups a second.
constexpr std::chrono::milliseconds kLookEvery{250};

}  // namespace

void Housekeeper::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    name_this_thread("housekeeper");
    run(stop);
  });
}

void Housekeeper::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Housekeeper::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any asked;
  auto next_purge = clock_.steady();
  while (!stop.stop_requested()) {
    if (store_.trouble()) {
      store_.mend();
    } else if (clock_.steady() >= next_purge) {
      purge(stop);
      next_purge = clock_.steady() + kPurgeEvery;
    }
    std::unique_lock lock(mutex);
    asked.wait_for(lock, stop, kLookEvery, [] { return false; });
  }
}

void Housekeeper::purge(const std::stop_token& stop) {
  if (auto purged = store_.purge(clock_.now(), stop); !purged) {
    log_.write(
        LogLevel::warn, "purge_failed",
        "old erasures stay until the next try, within the hour: see that the disk is healthy",
        {{"error", std::string_view(purged.error().detail)}});
  }
}

}  // namespace playhead
