// What the command side remembers of playbacks that are going on, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/generations.h"
#include "base/hash128.h"
#include "domain/ids.h"
#include "domain/report.h"

namespace playhead {

/// The last report of each live session, of at most `sessions_max` of them; what is forgotten first
/// is what was silent longest (Generations). A session that was dropped is believed at its next
/// report. One thread.
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

  std::size_t size() const { return sessions_.size(); }

 private:
  // A hash stands for a session's names: half the memory, and nothing to allocate for a new one.
  Generations<Hash128, LiveSession, LowBits> sessions_;
  const std::uint64_t seed_;
  std::string names_;             // of the last find; its memory is reused
  Hash128 key_;                   // their hash
  LiveSession* found_ = nullptr;  // what it found, or what was remembered since
};

}  // namespace playhead
