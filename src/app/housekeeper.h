// The thread that looks after the store: mends it after trouble, purges it every hour.
#pragma once

#include <stop_token>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "store/store.h"

namespace playhead {

/// One thread, from `start` to `stop`. What it is given outlives it.
class Housekeeper {
 public:
  Housekeeper(Store& store, Clock& clock, Log& log) : store_(store), clock_(clock), log_(log) {}

  void start();
  /// Waits for what is under way: a purge ends early, an opening of the store does not.
  void stop();

 private:
  void run(const std::stop_token& stop);
  void purge(const std::stop_token& stop);

  Store& store_;
  Clock& clock_;
  Log& log_;
  std::jthread thread_;
};

}  // namespace playhead
