// Answers of one turn of a loop, which go out together.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "http/connection.h"

namespace playhead {

/// Connections whose answer is ready while the requests of others, told of by the same call, are
/// still to be looked at. Sent one by one, each answer would wake a client, or a network card, that
/// went to sleep since the last (ADR 0016). At most kAnswersMax wait, for kWaitMax from the first
/// one on and the request at hand; what a commit answers comes together anyway. One thread.
class Outbox {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kAnswersMax = 16;
  static constexpr std::chrono::milliseconds kWaitMax{1};

  /// Before a connection is told of an event: whether others of the same call come after it.
  void expect(bool more) { more_to_come_ = more; }

  /// Whether an answer that is ready goes to `keep` now, or to its socket.
  bool open() const { return more_to_come_ || !kept_.empty(); }

  /// Has the connection send its answer with the others. `now`: since when that is ready.
  void keep(Connection& connection, Time now);

  /// After the event: sends what was kept, if that is enough or nothing more comes.
  void send_if_due();

 private:
  std::vector<Connection::Ptr> kept_;
  Time first_kept_at_;
  bool waited_ = false;
  bool more_to_come_ = false;
};

}  // namespace playhead
