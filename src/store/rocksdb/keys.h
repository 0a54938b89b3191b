// Keys of the embedded store: a viewer's records lie together, and apart from others'.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.h"
#include "store/store.h"

namespace playhead::rocks {

/// Every part of a key but the last carries its length in front, in one byte (ids are at most 255
/// bytes), so no id can end early or run into the next part:
///   account prefix   len(account) account
///   viewer prefix    account prefix, len(profile) profile
///   record key       viewer prefix, 'v', video id
std::string account_prefix(std::string_view account);
std::string viewer_prefix(ViewerRef viewer);
std::string record_prefix(ViewerRef viewer);

/// Writes the record's key into `out`, which is cleared first: a caller in a loop reuses it.
void record_key(ViewerRef viewer, std::string_view video_id, std::string& out);

/// The key of an erasure: the account prefix, or the viewer prefix where a profile is named.
std::string erasure_key(std::string_view account, const std::optional<std::string_view>& profile);

/// The first key after all that start with `prefix`: after a prefix comes a length of at most 64 or
/// a kind, never 0xFF.
std::string end_of(std::string_view prefix);

/// The viewer and video a record key names, or nullopt for other bytes. Borrows from `key`.
struct RecordKey {
  ViewerRef viewer;
  std::string_view video_id;
};
std::optional<RecordKey> parse_record_key(std::string_view key);

/// The account prefix at the start of any key, or all of `key` where it is too short to have one.
std::string_view account_prefix_of(std::string_view key);

}  // namespace playhead::rocks
