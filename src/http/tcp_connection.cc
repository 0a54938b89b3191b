// What a connection asks of its socket.
#include "http/tcp_connection.h"

#include <cerrno>
#include <utility>

#include <boost/asio/error.hpp>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/event_loop.h"

namespace playhead {
namespace {

boost::system::error_code last_error() {
  if (errno == EAGAIN) return boost::asio::error::would_block;
  return {errno, boost::system::system_category()};
}

// The call again while a signal interrupts it.
template <typename Call>
ssize_t uninterrupted(Call call) {
  ssize_t done = call();
  while (done < 0 && errno == EINTR) done = call();
  return done;
}

}  // namespace

TcpConnection::TcpConnection(EventLoop& loop, int socket, const Router& router)
    : Connection(loop, router), socket_(socket) {}

TcpConnection::~TcpConnection() {
  if (socket_ >= 0) ::close(socket_);
}

bool TcpConnection::watch_with(SocketPoll& poll) {
  if (!poll.add(socket_, *this)) return false;
  intrusive_ptr_add_ref(static_cast<Connection*>(this));  // the poll's; `end` gives it back
  return true;
}

void TcpConnection::on_events(std::uint32_t events) {
  constexpr std::uint32_t kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if ((events & kEnd) != 0) ended_ = true;
  if ((events & (EPOLLIN | kEnd)) != 0) readable_ = true;
  if ((events & (EPOLLOUT | kEnd)) != 0) writable_ = true;
  keep_promises();
}

void TcpConnection::keep_promises() {
  const boost::intrusive_ptr<TcpConnection> held(this);
  if (promised_writable_ && writable_) {
    promised_writable_ = false;
    on_writable({});
  }
  if (promised_readable_ && readable_) {
    promised_readable_ = false;
    on_readable({});
  }
}

void TcpConnection::keep_promises_soon() {
  loop().post([self = boost::intrusive_ptr<TcpConnection>(this)] { self->keep_promises(); });
}

// A read that does not fill its buffer has taken all there was: what comes later is told anew.
std::size_t TcpConnection::read_some(char* into, std::size_t bytes_max, ErrorCodeRef error) {
  const ssize_t size = uninterrupted([&] { return ::recv(socket_, into, bytes_max, 0); });
  error = {};
  if (size < 0) {
    error = last_error();
    readable_ = false;
    return 0;
  }
  if (size == 0) error = boost::asio::error::eof;
  const auto read = static_cast<std::size_t>(size);
  if (read < bytes_max && !ended_) readable_ = false;
  return read;
}

std::size_t TcpConnection::write_some(std::string_view bytes, ErrorCodeRef error) {
  const ssize_t size =
      uninterrupted([&] { return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
  error = {};
  if (size < 0) error = last_error();
  const std::size_t written = size < 0 ? 0 : static_cast<std::size_t>(size);
  if (written < bytes.size()) writable_ = false;
  return written;
}

void TcpConnection::when_readable() {
  promised_readable_ = true;
  if (readable_) keep_promises_soon();
}

void TcpConnection::when_writable() {
  promised_writable_ = true;
  if (writable_) keep_promises_soon();
}

void TcpConnection::end_sending(ErrorCodeRef error) {
  error = {};
  if (::shutdown(socket_, SHUT_WR) != 0) error = last_error();
}

// The poll may still hold an event of this turn: the object stays until that is over.
void TcpConnection::end() {
  promised_readable_ = false;
  promised_writable_ = false;
  ::close(std::exchange(socket_, -1));
  loop().post([self = boost::intrusive_ptr<TcpConnection>(this, false)] {});
}

}  // namespace playhead
