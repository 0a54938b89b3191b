// Requests that are due and wait for a connection, and those that are under way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "load/planned_request.h"

namespace playhead {

/// First due, first sent; but a viewer has one request under way at a time, as a player has, so
/// that the order of its reports is known: later ones wait for it. At most `waiting_max` wait; one
/// more is refused. Not thread safe.
class Backlog {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = ~Id{0};

  struct Request {
    PlannedRequest planned;
    /// Since when nothing but a connection was missing.
    std::int64_t ready_ns = 0;
    std::int64_t sent_ns = 0;
    Id behind = kNone;  ///< the viewer's next one
  };

  Backlog(std::uint32_t viewers, std::size_t waiting_max);

  /// False where it is full: the request is not remembered.
  bool add(const PlannedRequest& planned);
  /// The next to send, under way from now on; kNone where none is ready.
  Id pop();
  /// The request is answered, or given up; its viewer's next one becomes ready, before all others.
  void finish(Id id, std::int64_t now_ns);

  Request& operator[](Id id) { return requests_[id]; }
  const Request& operator[](Id id) const { return requests_[id]; }
  /// Requests that wait, for a connection or for their viewer.
  std::size_t waiting() const { return known_ - under_way_; }
  bool has_ready() const { return !ready_.empty(); }
  bool empty() const { return known_ == 0; }

 private:
  // The requests of a viewer: the first is ready or under way.
  struct Lane {
    Id first = kNone;
    Id last = kNone;
  };

  std::size_t waiting_max_;
  std::size_t known_ = 0;
  std::size_t under_way_ = 0;
  std::vector<Request> requests_;
  std::vector<Id> unused_;
  std::vector<Lane> lanes_;
  std::deque<Id> ready_;
};

}  // namespace playhead
