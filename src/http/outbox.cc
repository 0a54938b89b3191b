// Keeping and sending, in the order of the requests.
#include "http/outbox.h"

#include <utility>

namespace playhead {

void Outbox::keep(Connection& connection, Time now) {
  if (kept_.empty()) first_kept_at_ = now;
  kept_.emplace_back(&connection);
  waited_ = now - first_kept_at_ >= kWaitMax;
}

// Not within an event: whoever has sent may read on, into the buffer that all connections share.
void Outbox::send_if_due() {
  if (more_to_come_ && !waited_ && kept_.size() < kAnswersMax) return;
  more_to_come_ = false;  // of what a connection had waiting behind, no answer is kept
  waited_ = false;
  for (const Connection::Ptr& connection : std::exchange(kept_, {})) connection->send_kept();
}

}  // namespace playhead
