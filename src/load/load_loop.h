// One thread of the load generator: an event loop with its viewers and connections.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/counter.h"
#include "load/acknowledged.h"
#include "load/answer_reader.h"
#include "load/backlog.h"
#include "load/options.h"
#include "load/request_writer.h"
#include "load/results.h"
#include "load/schedule.h"

namespace playhead {

/// What a loop tells while it runs. Written by its thread, read by any.
struct LiveLoad {
  Counter answered;
  Counter errors;
  Counter waiting;
  Counter p99_us;  ///< of the last second
};

/// Sends what its schedule says when it says so, whatever the server does; what finds no free
/// connection waits, and the wait counts. Requests cost no allocation and no timer. Everything but
/// `stop` and `live` belongs to the thread that runs it.
class LoadLoop {
 public:
  LoadLoop(const LoadOptions& options, std::size_t index, std::uint32_t run,
           const TokenOf& token_of, Clock& clock);
  ~LoadLoop();
  LoadLoop(const LoadLoop&) = delete;
  LoadLoop& operator=(const LoadLoop&) = delete;

  /// Opens the connections; false where none is open after `wait`.
  bool connect(std::chrono::milliseconds wait);
  /// Runs the schedule from `start` on, and then waits for answers, at most the time an answer may
  /// take.
  void run(std::chrono::steady_clock::time_point start);
  /// Nothing falls due from now on; `run` then ends as it would have. From any thread.
  void stop() { stopped_.store(true, std::memory_order_relaxed); }

  const LiveLoad& live() const { return live_; }
  const LoadResult& result() const { return result_; }
  const Acknowledged& acknowledged() const { return acknowledged_; }

 private:
  using Tcp = boost::asio::ip::tcp;
  using Error = boost::system::error_code;
  struct Connection;

  std::int64_t now_ns() const;
  void turn();
  void take_due(std::int64_t now_ns);
  void send_ready();
  void send(Connection& connection, Backlog::Id id);
  void send_rest_when_ready(Connection& connection);
  void wait_until(std::int64_t at_ns);
  void tick(std::int64_t now_ns);
  void woken();
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  bool finished(std::int64_t now_ns);
  void give_up_all();

  void open(Connection& connection);
  void on_connect(Connection& connection, const Error& error);
  void close(Connection& connection, std::string_view why);
  Connection* free_connection();
  void set_free(Connection& connection, std::int64_t now_ns);
  void read_when_ready(Connection& connection);
  void on_readable(Connection& connection, const Error& error);
  void on_bytes(Connection& connection, std::string_view bytes);
  void on_answer(Connection& connection, const LoadAnswer& answer);

  bool measured(const PlannedRequest& planned) const { return planned.due_ns >= warmup_ns_; }
  TimeSlot& slot_at(std::int64_t at_ns);
  void count_success(const Backlog::Request& request, std::int64_t now_ns);
  void count_failure(const PlannedRequest& planned, unsigned status, std::string_view code);

  const LoadOptions& options_;
  Clock& clock_;
  std::chrono::steady_clock::time_point start_;
  std::int64_t warmup_ns_;
  std::int64_t end_ns_;  ///< earlier where it is stopped
  std::int64_t timeout_ns_;
  Tcp::endpoint endpoint_;

  LoadSchedule schedule_;
  Backlog backlog_;
  RequestWriter writer_;
  LoadResult result_;
  Acknowledged acknowledged_;
  LiveLoad live_;
  DigitHistogram last_second_us_{kSlotDigits, kLatencyUsMax};

  boost::asio::io_context io_;
  boost::asio::steady_timer timer_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> free_;  ///< a ring: the one that was free longest comes first
  std::size_t free_first_ = 0;
  std::size_t free_count_ = 0;
  std::size_t connected_ = 0;
  std::string input_;
  std::string output_;

  std::int64_t timer_at_ns_;
  std::int64_t next_tick_ns_ = 0;
  std::int64_t next_second_ns_ = kSecondNs;
  std::int64_t idle_ns_ = 0;
  std::int64_t woken_ns_ = 0;
  bool waiting_ = false;
  std::atomic<bool> stopped_{false};
};

}  // namespace playhead
