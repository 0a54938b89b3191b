// What a store read of one viewer: records with the bytes they borrow from.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/record.h"

namespace playhead {

/// One video of a viewer, as readers see it. Borrows from its ViewerRecords.
struct StoredRecord {
  std::string_view video_id;
  Record record;
};

/// Records of one viewer, read at one moment. Move only; its records borrow from it and stay valid
/// when it is moved.
class ViewerRecords {
 public:
  ViewerRecords() = default;
  ViewerRecords(ViewerRecords&&) = default;
  ViewerRecords& operator=(ViewerRecords&&) = default;

  const std::vector<StoredRecord>& records() const { return records_; }

  /// For stores: adds one encoded record. The bytes are copied.
  void add(std::string_view video_id, std::string_view encoded);

  /// For stores: decodes what was added, leaves out what is not newer than `erased_at`, and drops
  /// the records of which nothing is left. A record that does not decode is `store_unavailable`:
  /// the store is damaged, and trying again does not help.
  Result<void> finish(Instant erased_at);

 private:
  struct Extent {
    std::size_t video_id_size;
    std::size_t encoded_size;
  };
  // A vector, not a string: a moved string may move its characters.
  std::vector<char> bytes_;
  std::vector<Extent> extents_;
  std::vector<StoredRecord> records_;
};

}  // namespace playhead
