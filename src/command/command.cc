// Commands: their priority, and the registers an explicit act writes.
#include "command/command.h"

namespace playhead {

Priority priority_of(const Command& command) {
  const auto* report = std::get_if<Report>(&command);
  if (report == nullptr) return Priority::reserved;
  switch (report->event) {
    case Event::pause:
    case Event::stop:
    case Event::ended:
      return Priority::reserved;
    case Event::tick:
    case Event::play:
    case Event::seek:
      return Priority::ordinary;
  }
  return Priority::ordinary;
}

std::string_view profile_of(const Command& command) {
  if (const auto* report = std::get_if<Report>(&command)) return report->profile;
  if (const auto* act = std::get_if<VideoAct>(&command)) return act->profile;
  return std::get<EraseAct>(command).profile.value_or("");
}

Record act_delta(Act act, Instant at) {
  Record delta;
  switch (act) {
    case Act::forget:
      delta.forgotten_at = at;
      break;
    case Act::hide:
    case Act::unhide:
      delta.hidden = Hidden{at, act == Act::hide};
      break;
    case Act::mark_watched:
    case Act::unmark_watched:
      delta.finished = Finished{at, act == Act::mark_watched, {}};
      break;
  }
  return delta;
}

}  // namespace playhead
