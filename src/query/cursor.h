// Opaque cursors: a place in the row, bound to its viewer and sealed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.h"
#include "domain/row.h"

namespace playhead {

/// Writes and reads cursors. A cursor names the place after which the next page starts, not an
/// offset: heartbeats re-sort the row all the time, and an offset would skip and repeat. Thread
/// safe. About 2 µs each way (an HMAC).
class CursorCodec {
 public:
  /// `secret`: any bytes kept from callers; the cursors of another secret do not open.
  explicit CursorCodec(std::string_view secret);

  /// The cursor after `place` in the viewer's row: base64url, at most 220 bytes.
  std::string seal(ViewerRef viewer, const RowPlace& place) const;

  struct Place {
    Instant watched_at;
    std::string video_id;
    operator RowPlace() const { return {watched_at, video_id}; }
  };
  /// The place a cursor names, or nullopt: forged, cut, or another viewer's.
  std::optional<Place> open(ViewerRef viewer, std::string_view cursor) const;

 private:
  std::string tag(ViewerRef viewer, std::string_view payload) const;

  std::string key_;
};

}  // namespace playhead
