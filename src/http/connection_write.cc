// The connection's writing side: answers to bytes, and the end of a connection.
#include <utility>

#include <boost/asio/error.hpp>

#include "http/connection.h"
#include "http/event_loop.h"

namespace playhead {

void Connection::answer(const Answer& answer) {
  ++ticket_;
  if (answer.close || loop_.draining) keep_alive_ = false;
  auto& output = loop_.output;
  output.clear();
  loop_.writer.append(answer, {allowed_origin_, head_only_, !keep_alive_, old_client_}, output);
  loop_.stats_of(router_).routes[route_].count(answer.status);
  const std::string_view lasting = head_only_ ? std::string_view{} : answer.lasting_body;
  // Only what is answered within its own event.
  if (processing_ && loop_.outbox().open()) {
    wait_to_write(output, lasting);
    return loop_.outbox().keep(*this);
  }
  observe_latency();
  write(output, lasting);
}

void Connection::observe_latency() {
  const auto took = loop_.service.clock.steady() - received_at_;
  loop_.stats_of(router_).routes[route_].latency_us.observe(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

void Connection::send_kept() {
  if (state_ != State::writing) return;
  observe_latency();
  processing_ = true;  // others' answers are to go before what this one's client sent behind
  on_writable({});
  processing_ = false;
}

void Connection::go_on() {
  if (state_ == State::reading) process({});
}

// Tries at once: a socket whose buffer is empty takes an answer whole, without a round through the
// reactor.
void Connection::write(std::string_view bytes, std::string_view lasting) {
  boost::system::error_code error;
  const std::size_t sent = write_some(bytes, error);
  if (error && error != boost::asio::error::would_block) return close();
  if (sent == bytes.size() && lasting.empty()) return after_answer();
  wait_to_write(bytes.substr(sent), lasting);
  when_writable();
}

void Connection::wait_to_write(std::string_view bytes, std::string_view lasting) {
  unsent_.assign(bytes);
  unsent_lasting_ = lasting;
  state_ = State::writing;
  loop_.watch(*this, EventLoop::Watch::transfer);
}

void Connection::on_writable(const boost::system::error_code& wait_error) {
  if (state_ != State::writing) return;
  if (wait_error) return close();
  boost::system::error_code error;
  if (!unsent_.empty()) unsent_.erase(0, write_some(unsent_, error));
  if (!error && unsent_.empty() && !unsent_lasting_.empty()) {
    unsent_lasting_.remove_prefix(write_some(unsent_lasting_, error));
  }
  if (error && error != boost::asio::error::would_block) return close();
  if (!unsent_.empty() || !unsent_lasting_.empty()) return when_writable();
  unsent_ = std::string();
  after_answer();
}

void Connection::after_answer() {
  if (!keep_alive_ || loop_.draining) return linger();
  state_ = State::reading;
  in_transfer_ = false;
  if (!processing_) process({});  // what came meanwhile, then read on
}

// Says that no more comes, and lets the client read the answer: closing with bytes unread would
// reset the connection and could take the answer with it.
void Connection::linger() {
  state_ = State::lingering;
  pending_ = std::string();
  partial_.reset();
  loop_.watch(*this, EventLoop::Watch::transfer);
  boost::system::error_code error;
  end_sending(error);
  if (error) return close();
  discard_input();
}

void Connection::discard_input() {
  boost::system::error_code error;
  read_some(loop_.input.data(), loop_.input.size(), error);
  if (error && error != boost::asio::error::would_block) return close();
  when_readable();
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  partial_.reset();
  end();
  unlink();
}

}  // namespace playhead
