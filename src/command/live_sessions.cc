// Live sessions.
#include "command/live_sessions.h"

#include "base/bytes.h"

namespace playhead {

LiveSessions::LiveSessions(std::size_t sessions_max)
    : sessions_(sessions_max), seed_(secret_seed()) {}

const LiveSession* LiveSessions::find(ViewerRef viewer, const Report& report) {
  names_.clear();
  append_string(names_, viewer.account);
  append_string(names_, viewer.profile);
  append_string(names_, report.video_id);
  append_string(names_, report.session);
  if (report.session.empty()) append_string(names_, report.device);

  key_ = hash128(names_, seed_);
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
