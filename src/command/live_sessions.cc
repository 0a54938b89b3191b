// Live sessions.
#include "command/live_sessions.h"

#include "base/bytes.h"

namespace playhead {

LiveSessions::LiveSessions(std::size_t sessions_max) : sessions_(sessions_max) {}

const LiveSession* LiveSessions::find(ViewerRef viewer, const Report& report) {
  key_.clear();
  append_string(key_, viewer.account);
  append_string(key_, viewer.profile);
  append_string(key_, report.video_id);
  append_string(key_, report.session);
  if (report.session.empty()) append_string(key_, report.device);

  found_ = sessions_.find(key_);
  return found_;
}

void LiveSessions::remember(const LiveSession& session) {
  if (found_ != nullptr) {
    *found_ = session;
  } else {
    found_ = sessions_.insert(key_, session);
  }
}

void LiveSessions::clear() {
  sessions_.clear();
  found_ = nullptr;
}

}  // namespace playhead
