// The loop's connections: opening, sending, reading, losing them.
#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>

#include "load/load_connection.h"

namespace playhead {
namespace {

// How long a connection that failed rests before it is tried again.
constexpr std::int64_t kReconnectNs = 200 * kMillisecondNs;

}  // namespace

void LoadLoop::open(Connection& connection) {
  connection.state = Connection::State::connecting;
  ++connection.generation;
  Error error;
  connection.socket.open(endpoint_.protocol(), error);
  if (error) return on_connect(connection, error);
  connection.socket.async_connect(
      endpoint_, [this, &connection, generation = connection.generation](const Error& failed) {
        if (generation == connection.generation) on_connect(connection, failed);
      });
}

void LoadLoop::on_connect(Connection& connection, const Error& failed) {
  woken();
  if (failed) {
    ++result_.connects_failed;
    return close(connection, {});
  }
  Error error;
  connection.socket.non_blocking(true, error);
  connection.socket.set_option(Tcp::no_delay(true), error);
  ++result_.connects;
  ++connected_;
  set_free(connection, now_ns());
  read_when_ready(connection);
}

// Ends the connection, and the request it carried, and plans the next try.
void LoadLoop::close(Connection& connection, std::string_view why) {
  const auto state = std::exchange(connection.state, Connection::State::closed);
  ++connection.generation;
  Error error;
  connection.socket.close(error);
  connection.partial.clear();
  connection.unsent.clear();
  const std::int64_t now = now_ns();
  connection.open_at_ns = now + kReconnectNs;
  if (state == Connection::State::free || state == Connection::State::busy) --connected_;
  if (state != Connection::State::busy) return;
  const Backlog::Id id = std::exchange(connection.request, Backlog::kNone);
  const PlannedRequest planned = backlog_[id].planned;
  count_failure(planned, 0, why);
  if (options_.verify && planned.route == LoadRoute::report) {
    acknowledged_.add_doubtful(schedule_.viewers().number_of(planned.viewer), planned.video,
                               planned.position_ms);
  }
  backlog_.finish(id, now);
}

void LoadLoop::set_free(Connection& connection, std::int64_t now) {
  connection.state = Connection::State::free;
  connection.free_since_ns = now;
  if (connection.in_ring) return;
  connection.in_ring = true;
  free_[(free_first_ + free_count_++) % free_.size()] = &connection;
}

LoadLoop::Connection* LoadLoop::free_connection() {
  while (free_count_ > 0) {
    Connection* const first = free_[free_first_];
    free_first_ = (free_first_ + 1) % free_.size();
    --free_count_;
    first->in_ring = false;
    if (first->state == Connection::State::free) return first;
  }
  return nullptr;
}

void LoadLoop::send(Connection& connection, Backlog::Id id) {
  Backlog::Request& request = backlog_[id];
  connection.state = Connection::State::busy;
  connection.request = id;
  writer_.write(request.planned, output_);
  request.sent_ns = now_ns();
  if (measured(request.planned)) {
    const std::int64_t could_ns = std::max(request.ready_ns, connection.free_since_ns);
    result_.lag_us.record(
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, request.sent_ns - could_ns)) / 1'000);
    if (connection.free_since_ns > request.ready_ns) ++result_.waited_for_connection;
  }
  Error error;
  const std::size_t sent = connection.socket.write_some(boost::asio::buffer(output_), error);
  if (error && error != boost::asio::error::would_block)
    return close(connection, "connection_lost");
  if (sent == output_.size()) return;
  connection.unsent.assign(output_, sent, std::string::npos);
  send_rest_when_ready(connection);
}

void LoadLoop::send_rest_when_ready(Connection& connection) {
  connection.socket.async_wait(
      Tcp::socket::wait_write,
      [this, &connection, generation = connection.generation](const Error& failed) {
        woken();
        if (generation != connection.generation) return;
        Error error = failed;
        if (!error) {
          auto& unsent = connection.unsent;
          unsent.erase(0, connection.socket.write_some(boost::asio::buffer(unsent), error));
        }
        if (error && error != boost::asio::error::would_block) {
          return close(connection, "connection_lost");
        }
        if (!connection.unsent.empty()) send_rest_when_ready(connection);
      });
}

// One wait for each answer; a free connection waits too, and so learns that the server closed it.
void LoadLoop::read_when_ready(Connection& connection) {
  connection.socket.async_wait(
      Tcp::socket::wait_read,
      [this, &connection, generation = connection.generation](const Error& error) {
        if (generation == connection.generation) on_readable(connection, error);
      });
}

void LoadLoop::on_readable(Connection& connection, const Error& failed) {
  woken();
  Error error = failed;
  std::size_t size = 0;
  if (!error) size = connection.socket.read_some(boost::asio::buffer(input_), error);
  if (error == boost::asio::error::would_block) return read_when_ready(connection);
  if (error) {
    close(connection, "connection_lost");
    return;
  }
  result_.bytes_read += size;
  const std::string_view bytes(input_.data(), size);
  if (connection.partial.empty()) return on_bytes(connection, bytes);
  connection.partial.append(bytes);
  const std::string joined = std::exchange(connection.partial, {});
  on_bytes(connection, joined);
}

void LoadLoop::on_bytes(Connection& connection, std::string_view bytes) {
  LoadAnswer answer;
  // Nothing was asked: a server that is full says so as soon as it accepts.
  if (connection.state != Connection::State::busy) {
    ++result_.connects_failed;
    return close(connection, {});
  }
  switch (read_answer(bytes, answer)) {
    case AnswerStep::incomplete:
      connection.partial.assign(bytes);
      return read_when_ready(connection);
    case AnswerStep::broken:
      return close(connection, "answer_unreadable");
    case AnswerStep::complete:
      if (answer.size != bytes.size()) return close(connection, "answer_unreadable");
      return on_answer(connection, answer);
  }
}

void LoadLoop::on_answer(Connection& connection, const LoadAnswer& answer) {
  const std::int64_t now = now_ns();
  const Backlog::Id id = std::exchange(connection.request, Backlog::kNone);
  const Backlog::Request& request = backlog_[id];
  const PlannedRequest& planned = request.planned;
  live_.answered.add();
  if (is_success(planned.route, answer.status)) {
    if (measured(planned)) result_.count_answer(planned.route, answer.status, {});
    count_success(request, now);
    // A player that starts or goes on playing where it stood is answered, and nothing is written.
    const bool promises = planned.route == LoadRoute::report && planned.event != Event::play;
    if (options_.verify && promises) {
      acknowledged_.add(schedule_.viewers().number_of(planned.viewer), planned.video,
                        planned.position_ms);
    }
  } else {
    count_failure(planned, answer.status, problem_code(answer.body));
  }
  backlog_.finish(id, now);
  set_free(connection, now);
  if (answer.close) {
    close(connection, {});
    open(connection);
  } else {
    read_when_ready(connection);
  }
  // At once: behind the other answers of this turn the next request would be late by our doing.
  take_due(now);
  send_ready();
}

}  // namespace playhead
