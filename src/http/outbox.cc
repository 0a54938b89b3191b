// Keeping and sending, in the order of the requests.
#include "http/outbox.h"

namespace playhead {

void Outbox::keep(Connection& connection) {
  if (kept_.empty()) first_kept_at_ = clock_.steady();
  kept_.emplace_back(&connection);
}

void Outbox::after_event() {
  if (kept_.empty() || !due()) return;
  more_to_come_ = false;  // what is answered by those that go on is not kept
  sending_.swap(kept_);
  for (const Connection::Ptr& connection : sending_) connection->send_kept();
  for (const Connection::Ptr& connection : sending_) connection->go_on();
  sending_.clear();
}

bool Outbox::due() const {
  return !more_to_come_ || kept_.size() >= kAnswersMax ||
         clock_.steady() - first_kept_at_ >= kWaitMax;
}

}  // namespace playhead
