// What a store read of one viewer: records with the bytes they borrow from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/record.h"

namespace playhead {

/// One video of a viewer, as readers see it. Borrows from its ViewerRecords.
struct StoredRecord {
  // Written out: `Record{}` would fill 400 bytes with zeros first, 8 ns a record.
  explicit StoredRecord(std::string_view id) : video_id(id) {}

  std::string_view video_id;
  Record record;
};

/// Records of one viewer as a store has them, encoded, one after another.
class EncodedRecords {
 public:
  /// What the record of a video is now; nullopt where there is none any more.
  struct Change {
    std::string_view video_id;
    std::optional<std::string> encoded;
  };

  /// Adds one record. The bytes are copied.
  void add(std::string_view video_id, std::string_view encoded);

  /// A copy in which `changes` are made, with no more room than for what they replace. Records and
  /// changes ascend by video id, each once. Costs a copy of the bytes and a search for each change.
  EncodedRecords with(std::span<const Change> changes) const;

  /// Gives back the room for more.
  void shrink_to_fit();

  std::size_t count() const { return extents_.size(); }

  /// The memory it holds.
  std::size_t memory_bytes() const;

 private:
  friend class ViewerRecords;
  // Of `bytes_`: a video id, then its record up to the next one's start.
  struct Extent {
    std::uint32_t start;
    std::uint32_t video_id_size;
  };
  std::string_view video_id(const Extent& extent) const {
    return std::string_view(bytes_).substr(extent.start, extent.video_id_size);
  }
  std::size_t start(std::size_t index) const {
    return index < extents_.size() ? extents_[index].start : bytes_.size();
  }
  void add_some(const EncodedRecords& other, std::size_t from, std::size_t to);

  std::string bytes_;
  std::vector<Extent> extents_;
};

/// Records of one viewer, each as of a moment during the read: what a batch writes while they are
/// asked for one by one may show in some and not yet in others. Move only; its records borrow from
/// the encoded ones it holds, which others may share, and stay valid when it is moved.
class ViewerRecords {
 public:
  ViewerRecords() = default;
  ViewerRecords(ViewerRecords&&) = default;
  ViewerRecords& operator=(ViewerRecords&&) = default;

  const std::vector<StoredRecord>& records() const { return records_; }

  /// For stores: decodes `encoded`, leaves out what is not newer than `erased_at`, and drops the
  /// records of which nothing is left; 0.07 µs a record. A record that does not decode is
  /// `store_unavailable`: the store is damaged, and trying again does not help.
  static Result<ViewerRecords> of(std::shared_ptr<const EncodedRecords> encoded, Instant erased_at);

 private:
  std::shared_ptr<const EncodedRecords> encoded_;
  std::vector<StoredRecord> records_;
};

}  // namespace playhead
