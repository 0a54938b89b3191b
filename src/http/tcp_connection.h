// A connection over a socket.
#pragma once

#include <cstdint>

#include "http/connection.h"

namespace playhead {

class SocketPoll;

/// A client's connection over TCP, with a socket that does not block. Owns it; thread and life time
/// are Connection's. Its operations are few and plain, so that nothing can go wrong here alone.
class TcpConnection final : public Connection {
 public:
  /// Takes over `socket`.
  TcpConnection(EventLoop& loop, int socket, const Router& router);
  ~TcpConnection() override;

  /// Has the poll hear of its socket, which then holds this object until `end`. False where the
  /// kernel has no room; the connection must then go.
  bool watch_with(SocketPoll& poll);
  /// What the poll heard of its socket (epoll's flags).
  void on_events(std::uint32_t events);

 private:
  std::size_t read_some(char* into, std::size_t bytes_max, ErrorCodeRef error) override;
  std::size_t write_some(std::string_view bytes, ErrorCodeRef error) override;
  void when_readable() override;
  void when_writable() override;
  void end_sending(ErrorCodeRef error) override;
  void end() override;

  void keep_promises();
  void keep_promises_soon();

  int socket_;
  // The poll tells a change once. What it told is remembered here until it is used up: until a
  // read or a write finds that there is no more.
  bool readable_ = false;
  bool writable_ = false;
  /// Nothing comes after what is there: an end is told once, and may be told with the last bytes.
  bool ended_ = false;
  bool promised_readable_ = false;
  bool promised_writable_ = false;
};

}  // namespace playhead
