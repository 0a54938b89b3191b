// Recent acts, in two generations.
#include "command/recent_acts.h"

#include <algorithm>

namespace playhead {

Instant RecentActs::date_act(ViewerRef viewer, Instant received_at) {
  const Instant at{date_report(viewer, received_at).ms + 1};
  Act& latest = young_[std::string(viewer.account)];
  latest = {std::max(latest.received_at, received_at), std::max(latest.at, at)};
  return at;
}

Instant RecentActs::date_report(ViewerRef viewer, Instant received_at) const {
  // Acts are rare; most batches look no further.
  if (young_.empty() && old_.empty()) return received_at;
  const std::string account(viewer.account);
  Instant at = received_at;
  for (const Acts* acts : {&young_, &old_}) {
    const auto act = acts->find(account);
    if (act == acts->end() || received_at < act->second.received_at) continue;
    at = std::max(at, Instant{act->second.at.ms + 1});
  }
  return at;
}

void RecentActs::age(Instant now) {
  if (young_.empty() && old_.empty()) {
    young_since_ = now;
    return;
  }
  if (now.ms - young_since_.ms < kRememberedMs && young_.size() < kAccountsMax) return;
  old_ = std::move(young_);
  young_ = Acts();
  young_since_ = now;
}

}  // namespace playhead
