// The event loop: accepting, watching, draining.
#include "http/event_loop.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "http/problem.h"

namespace playhead {
namespace {

namespace asio = boost::asio;

// One read takes at most this much: a batch body of the default limit, and then some.
constexpr std::size_t kInputBytes = 64U << 10U;

// How exact timeouts are; four wake-ups a second cost an idle server nothing.
constexpr std::chrono::milliseconds kTick{250};

// Taken in one turn, so that it stays below a millisecond. With one each, 8,000 players who came at
// once to a busy core overflowed the backlog, and waited for their kernels to try again. Who is
// refused costs an answer more, and a flood of them is to find the backlog full.
constexpr unsigned kAcceptsMax = 64;
constexpr unsigned kRefusalsMax = 4;

// Timeouts in one turn, for the same reason: to close a socket takes some 20 us, and 8,000 players
// whose network went away at once are overdue at once.
constexpr unsigned kTimeoutsMax = 64;

// How long a listener rests when the process is out of file descriptors or memory.
constexpr std::chrono::milliseconds kAcceptRest{100};

// How often that is said, by each loop.
constexpr std::chrono::minutes kTellAcceptFailureEvery{1};

// Who is at the other end; all zeros where it has gone already.
template <typename Socket>
asio::ip::address address_of(const Socket& socket) {
  boost::system::error_code error;
  return socket.remote_endpoint(error).address();
}

}  // namespace

struct EventLoop::Listener {
  using Acceptor = asio::basic_socket_acceptor<Tcp, asio::io_context::executor_type>;

  Listener(asio::io_context& io, int socket, const Router& routes)
      : acceptor(io), rest(io), router(routes) {
    acceptor.assign(Tcp::v6(), socket);  // the family matters only for opening
    acceptor.non_blocking(true);
  }
  Acceptor acceptor;
  asio::steady_timer rest;
  const Router& router;
};

EventLoop::EventLoop(const Service& given, const Router& router, const Router& admin_router,
                     const Cors& origins, ConnectionGate& gate, RateLimiter& accounts)
    : service(given),
      cors(origins),
      writer(origins, given.limits.playhead_interval_s),
      identify(given.make_identify()),
      input(kInputBytes + kBodyPaddingBytes),
      io_(1),  // one thread runs it: Asio then queues its own posts without a lock
      poll_(io_, outbox_),
      admin_router_(admin_router),
      gate_(gate),
      accounts_(accounts),
      work_(io_.get_executor()),
      timer_(io_),
      tick_time_(given.clock.steady()),
      stats_(router.routes().size()),
      admin_stats_(admin_router.routes().size()),
      lane_(given.commit, [this](std::function<void()> work) { post(std::move(work)); }),
      jitter_(std::random_device{}()),
      outbox_(given.clock) {
  watched_[static_cast<std::size_t>(Watch::idle)].timeout = given.limits.idle_timeout;
  watched_[static_cast<std::size_t>(Watch::transfer)].timeout = given.limits.request_timeout;
  watched_[static_cast<std::size_t>(Watch::waiting)].timeout = given.limits.commit_wait_max;
}

EventLoop::~EventLoop() = default;

void EventLoop::listen(int listening_socket, const Router& router) {
  listeners_.push_back(std::make_unique<Listener>(io_, listening_socket, router));
  accept(*listeners_.back());
}

void EventLoop::run() {
  tick();
  io_.run();
}

void EventLoop::stop() {
  io_.stop();
}

void EventLoop::run_leftovers() {
  io_.restart();
  io_.poll();
}

void EventLoop::post(std::function<void()> work) {
  asio::post(io_, std::move(work));
}

void EventLoop::accept(Listener& listener) {
  listener.acceptor.async_accept(
      [this, &listener](const boost::system::error_code& error, Socket socket) {
        on_accept(listener, error, std::move(socket));
      });
}

void EventLoop::on_accept(Listener& listener, const boost::system::error_code& error,
                          Socket socket) {
  if (error) {
    if (!listener.acceptor.is_open()) return;
    // Out of descriptors or memory, most likely: the listener stays, and rests.
    stats_of(listener.router).accept_failures.add();
    tell_accept_failure(error.message());
    listener.rest.expires_after(kAcceptRest);
    listener.rest.async_wait([this, &listener](const boost::system::error_code& cancelled) {
      if (!cancelled && listener.acceptor.is_open()) accept(listener);
    });
    return;
  }
  take_over(listener, std::move(socket));
  take_waiting(listener, kAcceptsMax - 1, kRefusalsMax - 1);
  if (listener.acceptor.is_open()) accept(listener);
}

// What is wrong where this ends early, the next `accept` is told.
void EventLoop::take_waiting(Listener& listener, unsigned connections_max, unsigned refusals_max) {
  boost::system::error_code error;
  unsigned refused = 0;
  for (unsigned taken = 0; taken < connections_max && refused < refusals_max; ++taken) {
    Socket socket(io_);
    listener.acceptor.accept(socket, error);
    if (error) return;
    if (!take_over(listener, std::move(socket))) ++refused;
  }
}

void EventLoop::tell_accept_failure(const std::string& why) {
  const auto now = service.clock.steady();
  if (now < tell_accept_failure_at_) return;
  tell_accept_failure_at_ = now + kTellAcceptFailureEvery;
  service.log.write(LogLevel::warn, "accept_failed",
                    "no connection can be taken, most likely for want of file descriptors: raise "
                    "the limit (LimitNOFILE), or lower http.connections_max; those that wait are "
                    "taken as others close",
                    {{"error", std::string_view(why)}});
}

bool EventLoop::take_over(Listener& listener, Socket socket) {
  LoopStats& stats = stats_of(listener.router);
  boost::system::error_code error;
  socket.non_blocking(true, error);
  socket.set_option(Tcp::no_delay(true), error);
  // The admin listener is the way in when everything else is full.
  const bool is_admin = &listener.router == &admin_router_;
  const auto place = is_admin ? gate_.enter_unbounded() : gate_.enter(address_of(socket));
  if (!place) {
    const bool of_all = place.error().code == ErrorCode::too_many_connections;
    (of_all ? stats.connections_refused : stats.addresses_refused).add();
    refuse(socket, place.error());
    return false;
  }
  stats.connections_accepted.add();
  ++connections_;
  const boost::intrusive_ptr<TcpConnection> connection(
      new TcpConnection(*this, socket.release(error), listener.router));
  connection->place = *place;
  if (!connection->watch_with(poll_)) return true;
  connection->start();
  if (draining) connection->on_drain();
  return true;
}

// Nothing is kept of a client that is not let in: one answer, and the end. What it has sent by now
// is read first, since closing a socket with bytes unread resets the connection, and a reset may
// overtake the answer.
void EventLoop::refuse(Socket& socket, const Error& error) {
  output.clear();
  writer.append(problem(error, retry_after_s()), {{}, false, true, false}, output);
  boost::system::error_code ignored;
  socket.read_some(asio::buffer(input), ignored);
  socket.write_some(asio::buffer(output), ignored);
  socket.shutdown(Tcp::socket::shutdown_send, ignored);
}

void EventLoop::forget(Connection& connection) {
  stats_of(connection.router()).connections_closed.add();
  gate_.leave(connection.place);
  --connections_;
  end_if_drained();
}

void EventLoop::watch(Connection& connection, Watch kind) {
  connection.unlink();
  connection.watched_since = tick_time_;
  watched_[static_cast<std::size_t>(kind)].connections.push_back(connection);
}

void EventLoop::tick() {
  tick_time_ = service.clock.steady();
  writer.set_date(static_cast<std::time_t>(service.clock.now().ms / kSecondMs));
  const bool all_told = tell_overdue();
  if (draining && connections_ == 0) return;  // cancelling cannot stop a tick that is under way
  timer_.expires_after(all_told ? kTick : std::chrono::milliseconds{0});
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) tick();
  });
}

// Whether all whose time is over know it; else the next turn goes on.
bool EventLoop::tell_overdue() {
  unsigned told = 0;
  for (Watched& watched : watched_) {
    while (!watched.connections.empty()) {
      Connection& oldest = watched.connections.front();
      if (tick_time_ - oldest.watched_since < watched.timeout) break;
      if (++told > kTimeoutsMax) return false;
      const Connection::Ptr held(&oldest);
      held->on_timeout();
    }
  }
  return true;
}

void EventLoop::begin_drain() {
  post([this] {
    if (draining) return;
    draining = true;
    for (auto& listener : listeners_) {
      // Who is in the backlog was told that it is connected; it gets its one answer.
      constexpr unsigned kAll = std::numeric_limits<unsigned>::max();
      take_waiting(*listener, kAll, kAll);
      boost::system::error_code ignored;
      listener->acceptor.close(ignored);
      listener->rest.cancel();
    }
    auto& idle = watched_[static_cast<std::size_t>(Watch::idle)].connections;
    for (auto it = idle.begin(); it != idle.end();) {
      const Connection::Ptr held(&*it++);
      held->on_drain();
    }
    end_if_drained();
  });
}

void EventLoop::close_all() {
  post([this] {
    for (Watched& watched : watched_) {
      while (!watched.connections.empty()) {
        const Connection::Ptr held(&watched.connections.front());
        held->close();
      }
    }
  });
}

void EventLoop::end_if_drained() {
  if (!draining || connections_ > 0) return;
  timer_.cancel();
  poll_.stop();
  work_.reset();
}

Outcome EventLoop::charge(const Identity& identity, unsigned requests,
                          std::chrono::steady_clock::time_point now) {
  const auto wait = accounts_.take(identity.account, requests, now);
  if (!wait) return std::nullopt;
  return rate_limited(accounts_.limit(), *wait);
}

Outcome EventLoop::charge_more(const Identity& identity, unsigned requests,
                               std::chrono::steady_clock::time_point now) {
  const unsigned more = std::min(requests, accounts_.limit().burst - 1);
  if (!charge(identity, more, now)) return std::nullopt;
  // Nothing was taken. Who comes back is charged for the request itself again.
  return charge(identity, more + 1, now);
}

// Between one and two times the base, so that clients that were refused together do not come back
// together.
unsigned EventLoop::retry_after_s() {
  const unsigned base = service.limits.retry_after_s;
  return std::uniform_int_distribution<unsigned>(base, 2 * base)(jitter_);
}

const LoopStats& EventLoop::stats(const Router& router) const {
  return &router == &admin_router_ ? admin_stats_ : stats_;
}

}  // namespace playhead
