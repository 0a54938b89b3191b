// The composition root: everything made in order, and stopped in the reverse of it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/housekeeper.h"
#include "app/mode.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "command/group_commit.h"
#include "http/demo.h"
#include "http/read_pool.h"
#include "http/readiness.h"
#include "http/server.h"
#include "query/queries.h"
#include "store/store.h"

namespace playhead {

/// A whole server. One thread makes, starts and stops it; what it is given outlives it.
class Application {
 public:
  /// Opens the store and binds the addresses; errors say what to do.
  static Result<std::unique_ptr<Application>> make(const Settings& settings, Mode mode,
                                                   Clock& clock, Log& log);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  void start();

  /// Not ready any more; still serving, so that load balancers can take note.
  void announce_drain();
  /// Ends every connection with its answer, writes what waits, closes the store. `hasten` is asked
  /// now and then; once true, connections are closed without waiting for their clients.
  void drain(const std::function<bool()>& hasten);

 private:
  Application(const Settings& settings, Mode mode, Clock& clock, Log& log,
              std::unique_ptr<Store> store, const std::string& key);
  Result<void> listen();

  const Settings& settings_;
  Clock& clock_;
  Log& log_;
  // In the order of making; destruction goes backwards.
  std::unique_ptr<Store> store_;
  CursorCodec cursors_;
  Queries queries_;
  Housekeeper housekeeper_;
  Readiness readiness_;
  GroupCommit commit_;
  ReadPool reads_;
  std::unique_ptr<const Demo> demo_;  // null where there is none
  Service service_;
  Server server_;
};

}  // namespace playhead
