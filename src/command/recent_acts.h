// The acts of the last seconds, so that what follows an act is dated after it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "base/clock.h"
#include "domain/ids.h"

namespace playhead {

/// Instants are milliseconds, and a viewer's next request can come within one. An explicit act is
/// dated one later than it came, so that it outranks what was acknowledged before it; a report that
/// is received after an act, and is not older by its own word, is dated later than the act. One
/// that was received before, and only waited longer for its write, is not. Acts are remembered by
/// account for kRememberedMs at least, twice that at most: longer than a request waits for its
/// write by default. In a flood of acts the oldest go earlier. One thread.
class RecentActs {
 public:
  static constexpr std::int64_t kRememberedMs = 15 * kSecondMs;
  /// Accounts in each of two generations; some 10 MB in all.
  static constexpr std::size_t kAccountsMax = 32'768;

  /// The instant of an act received at `received_at`; it is remembered.
  Instant date_act(ViewerRef viewer, Instant received_at);

  /// The instant of a report received at `received_at`: that, or later than the account's last act.
  Instant date_report(ViewerRef viewer, Instant received_at) const;

  /// Forgets what is old; once a batch.
  void age(Instant now);

 private:
  struct Act {
    Instant received_at;
    Instant at;
  };
  using Acts = absl::flat_hash_map<std::string, Act>;

  Acts young_;
  Acts old_;
  Instant young_since_;
};

}  // namespace playhead
