// The server: its loops and threads, from listening to drained.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/listen_address.h"
#include "http/connection_gate.h"
#include "http/cors.h"
#include "http/rate_limiter.h"
#include "http/router.h"
#include "http/service.h"

namespace playhead {

class EventLoop;

/// One event loop a thread, each with its own listening socket on the public address
/// (SO_REUSEPORT); the first loop also serves the admin address. Belongs to the thread that made
/// it; what `service` refers to outlives it.
class Server {
 public:
  Server(const Service& service, std::size_t threads);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds and listens; `invalid_field` with the reason where an address
  /// cannot be had. Before `start`.
  Result<void> listen(const ListenAddress& address);
  Result<void> listen_admin(const ListenAddress& address);

  void start();
  /// No new connections; idle ones close, the others after their answer.
  void begin_drain();
  /// Waits until all loops have ended, at most until `deadline`; true if they have.
  bool wait_drained(std::chrono::steady_clock::time_point deadline);
  /// Closes what is left.
  void close_all();
  /// Ends the loops whatever is left in them, and joins their threads.
  void stop();
  /// After the commit and read threads and `stop`: delivers what was posted last.
  void run_leftovers();

  std::uint16_t port() const { return port_; }
  std::uint16_t admin_port() const { return admin_port_; }
  const Router& router() const { return router_; }
  const Router& admin_router() const { return admin_router_; }
  const std::vector<std::unique_ptr<EventLoop>>& loops() const { return loops_; }
  std::size_t open_connections() const { return gate_.open(); }
  const RateLimiter& accounts() const { return accounts_; }

 private:
  const Service& service_;
  const Router router_;
  const Router admin_router_;
  const Cors cors_;
  ConnectionGate gate_;
  RateLimiter accounts_;
  std::atomic<std::size_t> running_{0};
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::thread> threads_;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace playhead
