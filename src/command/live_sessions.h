// What the command side remembers of playbacks that are going on, in bounded memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "domain/ids.h"
#include "domain/report.h"

namespace playhead {

/// The last report of each live session, of at most `sessions_max` of them. Two generations: when
/// the young one holds half of the bound it becomes the old one, and the old one is dropped; a
/// session that is met in the old one moves to the young one. So what is forgotten first is what
/// was silent longest, and a look-up costs no list to keep. A session that was dropped is believed
/// at its next report. One thread.
class LiveSessions {
 public:
  explicit LiveSessions(std::size_t sessions_max);

  /// The session a report belongs to: its id; without one, the device stands in for it.
  /// The pointer is valid until the next call.
  const LiveSession* find(ViewerRef viewer, const Report& report);

  /// Remembers the session the last `find` looked for.
  void remember(const LiveSession& session);

  /// Forgets everything: after a failed write nothing may count as a duplicate.
  void clear();

  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  using Generation = absl::flat_hash_map<std::string, LiveSession>;

  std::size_t generation_max_;
  Generation young_;
  Generation old_;
  std::string key_;               // of the last find; its memory is reused
  LiveSession* found_ = nullptr;  // what it found, or what was remembered since
};

}  // namespace playhead
