// One event loop: its listeners, its connections, and what they share.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "command/commit_lane.h"
#include "command/report_decoder.h"
#include "http/answer_writer.h"
#include "http/connection_gate.h"
#include "http/loop_stats.h"
#include "http/outbox.h"
#include "http/rate_limiter.h"
#include "http/router.h"
#include "http/service.h"
#include "http/socket_poll.h"
#include "http/tcp_connection.h"

namespace playhead {

/// A thread's worth of connections. All of it belongs to the thread that runs it, but for `post`,
/// `stop`, `begin_drain` and `close_all`, which any thread may call, and the counters of `stats`
/// and `lane`, which any may read. Loops share the commit queue, the gate of connections and the
/// accounts' budgets.
class EventLoop {
 public:
  using Tcp = boost::asio::ip::tcp;

  /// `gate` and `accounts` count for all loops.
  EventLoop(const Service& service, const Router& router, const Router& admin_router,
            const Cors& origins, ConnectionGate& gate, RateLimiter& accounts);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Starts to accept on a listening socket, which it owns from then on. Before `run`.
  void listen(int listening_socket, const Router& router);

  /// Serves until drained: no listener and no connection left.
  void run();
  /// Ends `run` though connections are left. From any thread.
  void stop();
  /// Runs what was posted since; after the threads that post have ended.
  void run_leftovers();

  /// Closes listeners and idle connections; the others end with their answer. From any thread.
  void begin_drain();
  /// Closes every connection now. From any thread.
  void close_all();
  /// Runs `work` on the loop after what is already queued. From any thread.
  void post(std::function<void()> work);

  const LoopStats& stats(const Router& router) const;
  const CommitLane& lane() const { return lane_; }

  // For its connections.
  enum class Watch : std::uint8_t { idle, transfer, waiting };
  void watch(Connection& connection, Watch kind);
  void forget(Connection& connection);

  const Service service;
  const Cors& cors;
  AnswerWriter writer;
  ReportDecoder decoder;
  Identify identify;
  /// Every read lands here first; what is not used up at once is copied to its connection.
  std::vector<char> input;
  std::string output;
  bool draining = false;

  CommitLane& commit_lane() { return lane_; }
  Outbox& outbox() { return outbox_; }
  LoopStats& stats_of(const Router& router) {
    return &router == &admin_router_ ? admin_stats_ : stats_;
  }
  unsigned retry_after_s();
  /// Takes so many requests out of the account's budget as of `now`, which the caller has at hand:
  /// an answer where it does not hold them.
  Outcome charge(const Identity& identity, unsigned requests,
                 std::chrono::steady_clock::time_point now);
  /// The same for a request that was charged already, and costs so many more; all of the burst is
  /// enough for any.
  Outcome charge_more(const Identity& identity, unsigned requests,
                      std::chrono::steady_clock::time_point now);
  std::chrono::steady_clock::time_point tick_time() const { return tick_time_; }
  boost::asio::io_context& io() { return io_; }

 private:
  using Connections =
      boost::intrusive::list<Connection, boost::intrusive::base_hook<ConnectionHook>,
                             boost::intrusive::constant_time_size<false>>;
  struct Watched {
    std::chrono::milliseconds timeout{};
    Connections connections;  // by the time they were put here, oldest first
  };
  using Socket = boost::asio::basic_stream_socket<Tcp, boost::asio::io_context::executor_type>;
  struct Listener;

  void accept(Listener& listener);
  void on_accept(Listener& listener, const boost::system::error_code& error, Socket socket);
  bool take_over(Listener& listener, Socket socket);  // false where it is refused
  void take_waiting(Listener& listener, unsigned connections_max, unsigned refusals_max);
  void refuse(Socket& socket, const Error& error);
  void tell_accept_failure(const std::string& why);
  void tick();
  bool tell_overdue();
  void end_if_drained();

  boost::asio::io_context io_;
  SocketPoll poll_;
  const Router& admin_router_;
  ConnectionGate& gate_;
  RateLimiter& accounts_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::array<Watched, 3> watched_;
  std::size_t connections_ = 0;
  std::chrono::steady_clock::time_point tick_time_;
  std::chrono::steady_clock::time_point tell_accept_failure_at_;
  LoopStats stats_;
  LoopStats admin_stats_;
  CommitLane lane_;
  std::minstd_rand jitter_;
  Outbox outbox_;  // the last: a connection that it holds is forgotten by all the others
};

}  // namespace playhead
