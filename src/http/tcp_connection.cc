// What a connection asks of its socket.
#include "http/tcp_connection.h"

#include <utility>

#include <boost/asio/buffer.hpp>

namespace playhead {

TcpConnection::TcpConnection(EventLoop& loop, Socket socket, const Router& router)
    : Connection(loop, router), socket_(std::move(socket)) {}

std::size_t TcpConnection::read_some(char* into, std::size_t bytes_max, ErrorCodeRef error) {
  return socket_.read_some(boost::asio::buffer(into, bytes_max), error);
}

std::size_t TcpConnection::write_some(std::string_view bytes, ErrorCodeRef error) {
  return socket_.write_some(boost::asio::buffer(bytes.data(), bytes.size()), error);
}

void TcpConnection::when_readable() {
  socket_.async_wait(Tcp::socket::wait_read,
                     [self = boost::intrusive_ptr<TcpConnection>(this)](
                         const boost::system::error_code& error) { self->on_readable(error); });
}

void TcpConnection::when_writable() {
  socket_.async_wait(Tcp::socket::wait_write,
                     [self = boost::intrusive_ptr<TcpConnection>(this)](
                         const boost::system::error_code& error) { self->on_writable(error); });
}

void TcpConnection::end_sending(ErrorCodeRef error) {
  socket_.shutdown(Tcp::socket::shutdown_send, error);
}

void TcpConnection::end() {
  boost::system::error_code error;
  socket_.close(error);
}

}  // namespace playhead
