// Telling connections when their sockets can be read and written.
#pragma once

#include <cstdint>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace playhead {

class Outbox;
class TcpConnection;

/// An epoll instance for the connections of one loop, edge-triggered: a socket is added once and
/// then costs no call but its reads and writes. Asio's own reactor would be asked anew for every
/// wait: one epoll_ctl a request, 4 % of its CPU, and 250 bytes a connection. Asio waits for this
/// instance as for any descriptor; a turn of it takes all events that have come (ADR 0011).
/// Belongs to its loop's thread; outlives the connections that were added.
class SocketPoll {
 public:
  /// Throws `boost::system::system_error` where there is no descriptor for it. `outbox`, the
  /// loop's own, is told before each event and after it.
  SocketPoll(boost::asio::io_context& io, Outbox& outbox);

  /// Watches a socket from now until it is closed: `connection.on_events` hears what comes, and
  /// must still be there at the end of the turn in which it closed the socket. False where the
  /// kernel has no room for it.
  bool add(int socket, TcpConnection& connection);

  /// Does not keep the loop running any longer.
  void stop();

 private:
  using Descriptor =
      boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  void wait();
  void take_events();

  Descriptor epoll_;
  Outbox& outbox_;
  bool stopped_ = false;
};

}  // namespace playhead
