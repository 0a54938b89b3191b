// A connection of the load generator, between its loop's two source files.
#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "load/load_loop.h"

namespace playhead {

/// Belongs to its loop for the whole run; the socket in it may be closed and opened again. Each
/// time has a generation, by which handlers of an earlier time are told and dropped.
struct LoadLoop::Connection {
  using Socket = boost::asio::basic_stream_socket<Tcp, boost::asio::io_context::executor_type>;
  enum class State : std::uint8_t { closed, connecting, free, busy };

  explicit Connection(boost::asio::io_context& io) : socket(io) {}

  Socket socket;
  State state = State::closed;
  bool in_ring = false;
  std::uint32_t generation = 0;
  Backlog::Id request = Backlog::kNone;
  std::int64_t free_since_ns = 0;
  std::int64_t open_at_ns = 0;  ///< when closed: not to be opened again before
  std::string partial;          ///< of an answer that has not come whole
  std::string unsent;
};

}  // namespace playhead
