// The queue in front of the connections.
#include "load/backlog.h"

namespace playhead {

Backlog::Backlog(std::uint32_t viewers, std::size_t waiting_max)
    : waiting_max_(waiting_max), lanes_(viewers) {}

bool Backlog::add(const PlannedRequest& planned) {
  if (waiting() >= waiting_max_) return false;
  ++known_;
  Id id = static_cast<Id>(requests_.size());
  if (unused_.empty()) {
    requests_.emplace_back();
  } else {
    id = unused_.back();
    unused_.pop_back();
  }
  requests_[id] = {planned, planned.due_ns, 0, kNone};
  Lane& lane = lanes_[planned.viewer];
  if (lane.first == kNone) {
    lane.first = lane.last = id;
    ready_.push_back(id);
    return true;
  }
  requests_[lane.last].behind = id;
  lane.last = id;
  return true;
}

Backlog::Id Backlog::pop() {
  if (ready_.empty()) return kNone;
  const Id id = ready_.front();
  ready_.pop_front();
  ++under_way_;
  return id;
}

void Backlog::finish(Id id, std::int64_t now_ns) {
  Lane& lane = lanes_[requests_[id].planned.viewer];
  lane.first = requests_[id].behind;
  if (lane.first == kNone) {
    lane.last = kNone;
  } else {
    requests_[lane.first].ready_ns = now_ns;
    ready_.push_front(lane.first);
  }
  unused_.push_back(id);
  --known_;
  --under_way_;
}

}  // namespace playhead
