// Live sessions.
#include "command/live_sessions.h"

#include <algorithm>

#include "base/bytes.h"

namespace playhead {

LiveSessions::LiveSessions(std::size_t sessions_max)
    : generation_max_(std::max<std::size_t>(sessions_max / 2, 1)) {}

const LiveSession* LiveSessions::find(ViewerRef viewer, const Report& report) {
  key_.clear();
  append_string(key_, viewer.account);
  append_string(key_, viewer.profile);
  append_string(key_, report.video_id);
  append_string(key_, report.session);
  if (report.session.empty()) append_string(key_, report.device);

  found_ = nullptr;
  if (const auto young = young_.find(key_); young != young_.end()) {
    found_ = &young->second;
  } else if (const auto old = old_.find(key_); old != old_.end()) {
    const LiveSession session = old->second;
    old_.erase(old);
    remember(session);
  }
  return found_;
}

void LiveSessions::remember(const LiveSession& session) {
  if (found_ != nullptr) {
    *found_ = session;
    return;
  }
  if (young_.size() >= generation_max_) {
    old_ = std::move(young_);
    young_ = Generation();
  }
  found_ = &young_.emplace(key_, session).first->second;
}

void LiveSessions::clear() {
  young_ = Generation();
  old_ = Generation();
  found_ = nullptr;
}

}  // namespace playhead
