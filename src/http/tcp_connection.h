// A connection over a socket.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "http/connection.h"

namespace playhead {

/// A client's connection over TCP, with a socket that does not block. Owns it; thread and life time
/// are Connection's. Its operations are few and plain, so that nothing can go wrong here alone.
class TcpConnection final : public Connection {
 public:
  using Tcp = boost::asio::ip::tcp;
  using Socket = boost::asio::basic_stream_socket<Tcp, boost::asio::io_context::executor_type>;

  TcpConnection(EventLoop& loop, Socket socket, const Router& router);

 private:
  std::size_t read_some(char* into, std::size_t bytes_max, ErrorCodeRef error) override;
  std::size_t write_some(std::string_view bytes, ErrorCodeRef error) override;
  void when_readable() override;
  void when_writable() override;
  void end_sending(ErrorCodeRef error) override;
  void end() override;

  Socket socket_;
};

}  // namespace playhead
