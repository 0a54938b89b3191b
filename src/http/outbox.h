// Answers of one turn of a loop, which go out together.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "http/connection.h"

namespace playhead {

/// Connections that were answered while the poll's other events, told of by the same call, are
/// still to be looked at. Sent one by one, each answer would wake a client, or a network card, that
/// went to sleep since the last (ADR 0016). At most kAnswersMax wait, and none longer than kWaitMax
/// and the event that is looked at then. One thread.
class Outbox {
 public:
  static constexpr std::size_t kAnswersMax = 16;
  static constexpr std::chrono::milliseconds kWaitMax{1};

  explicit Outbox(Clock& clock) : clock_(clock) {}

  /// Before each event of a call: whether another one follows.
  void before_event(bool more_to_come) { more_to_come_ = more_to_come; }

  /// Whether an answer that is ready within the event is to be kept, and not sent.
  bool open() const { return more_to_come_ || !kept_.empty(); }

  /// Has the connection send its answer with the others.
  void keep(Connection& connection);

  /// After each event, never within one: sends what was kept, in its order, if it is enough, has
  /// waited long enough, or no event follows. Then those who sent go on with what lies behind.
  void after_event();

 private:
  bool due() const;

  Clock& clock_;
  std::vector<Connection::Ptr> kept_;
  std::vector<Connection::Ptr> sending_;  // empty between calls; its memory is used again
  std::chrono::steady_clock::time_point first_kept_at_;
  bool more_to_come_ = false;
};

}  // namespace playhead
