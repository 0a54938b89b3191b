// The poll: one epoll instance inside Asio's.
#include "http/socket_poll.h"

#include <array>
#include <cerrno>

#include <sys/epoll.h>

#include "http/outbox.h"
#include "http/tcp_connection.h"

namespace playhead {
namespace {

// Events taken by one call; Asio's own work gets its turn between two calls.
constexpr int kEventsMax = 256;

int open_epoll() {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll >= 0) return epoll;
  throw boost::system::system_error(errno, boost::system::system_category(), "epoll_create1");
}

}  // namespace

SocketPoll::SocketPoll(boost::asio::io_context& io, Outbox& outbox)
    : epoll_(io, open_epoll()), outbox_(outbox) {
  wait();
}

bool SocketPoll::add(int socket, TcpConnection& connection) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &connection;
  return ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, socket, &event) == 0;
}

void SocketPoll::stop() {
  stopped_ = true;  // cancelling does not reach a turn that is under way
  boost::system::error_code error;
  epoll_.cancel(error);
}

void SocketPoll::wait() {
  epoll_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    take_events();
    if (!stopped_) wait();
  });
}

// What is left over is still readable, so the next wait comes back at once.
void SocketPoll::take_events() {
  std::array<epoll_event, kEventsMax> events;
  const int count = ::epoll_wait(epoll_.native_handle(), events.data(), kEventsMax, 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    outbox_.before_event(i + 1 < count);
    static_cast<TcpConnection*>(event.data.ptr)->on_events(event.events);
    outbox_.after_event();
  }
}

}  // namespace playhead
