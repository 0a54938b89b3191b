// Whether this server should get traffic, and why not.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "store/store.h"

namespace playhead {

/// Thread safe. The store outlives it.
class Readiness {
 public:
  explicit Readiness(const Store& store) : store_(store) {}

  /// Set when the server starts to drain; never taken back.
  void begin_drain() { draining_.store(true, std::memory_order_release); }
  bool draining() const { return draining_.load(std::memory_order_acquire); }

  /// Why not; empty when ready. Short stable words: what the store says in full is in the log.
  std::vector<std::string> reasons() const {
    std::vector<std::string> found;
    if (draining()) found.emplace_back("draining");
    if (const auto trouble = store_.trouble()) {
      found.emplace_back("store_takes_no_writes");
      found.emplace_back(name_of(*trouble));
    }
    return found;
  }

 private:
  const Store& store_;
  std::atomic<bool> draining_{false};
};

}  // namespace playhead
