// Explicit acts: forget, hide, mark, erase.
#include "base/log.h"
#include "http/endpoints.h"
#include "http/exchange.h"

namespace playhead::endpoints {
namespace {

Outcome act_on_video(Exchange& exchange, Act act) {
  const auto video_id = exchange.video_id();
  if (!video_id) return exchange.refuse(video_id.error());
  const auto profile = exchange.profile();
  if (!profile) return exchange.refuse(profile.error());
  const Command command = VideoAct{act, *profile, *video_id};
  return exchange.commit({&command, 1}, no_content());
}

}  // namespace

Outcome forget_progress(Exchange& exchange) {
  return act_on_video(exchange, Act::forget);
}

Outcome hide_from_row(Exchange& exchange) {
  return act_on_video(exchange, Act::hide);
}

Outcome unhide_in_row(Exchange& exchange) {
  return act_on_video(exchange, Act::unhide);
}

Outcome mark_watched(Exchange& exchange) {
  return act_on_video(exchange, Act::mark_watched);
}

Outcome unmark_watched(Exchange& exchange) {
  return act_on_video(exchange, Act::unmark_watched);
}

Outcome erase_viewer(Exchange& exchange) {
  // Without ?profile= the whole account goes, with all its profiles; "?profile=" is the account's
  // own profile alone.
  const auto named = exchange.parameter("profile");
  if (!named) return exchange.refuse(named.error());
  const auto profile = exchange.profile();
  if (!profile) return exchange.refuse(profile.error());
  EraseAct erase;
  if (*named) erase.profile = *profile;
  // Who asks later whether an erasure was asked for, and when, finds it here.
  const std::string name = exchange.service().log_name({exchange.account(), *profile});
  exchange.service().log.write(
      LogLevel::info, "erasure_asked", "a viewer asks for the erasure of what is held",
      {{"viewer", std::string_view(name)}, {"whole_account", !named->has_value()}});
  const Command command = erase;
  return exchange.commit({&command, 1}, no_content());
}

}  // namespace playhead::endpoints
