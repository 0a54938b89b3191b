// Collecting the records of a viewer.
#include "store/viewer_records.h"

#include <algorithm>
#include <utility>

#include "store/record_codec.h"

namespace playhead {
namespace {

bool nothing_to_show(const Record& record) {
  return !record.playhead && !record.opening && !record.furthest && !record.finished &&
         !record.hidden;
}

}  // namespace

void EncodedRecords::add(std::string_view video_id, std::string_view encoded) {
  extents_.push_back(
      {static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(video_id.size())});
  bytes_.append(video_id).append(encoded);
}

EncodedRecords EncodedRecords::with(std::span<const Change> changes) const {
  EncodedRecords copy;
  std::size_t changed_bytes = 0;
  for (const Change& change : changes) {
    changed_bytes += change.video_id.size() + (change.encoded ? change.encoded->size() : 0);
  }
  copy.bytes_.reserve(bytes_.size() + changed_bytes);
  copy.extents_.reserve(extents_.size() + changes.size());
  std::size_t next = 0;
  for (const Change& change : changes) {
    const auto at = std::ranges::lower_bound(
        extents_.begin() + static_cast<std::ptrdiff_t>(next), extents_.end(), change.video_id, {},
        [this](const Extent& extent) { return video_id(extent); });
    const auto index = static_cast<std::size_t>(at - extents_.begin());
    copy.add_some(*this, next, index);
    if (change.encoded) copy.add(change.video_id, *change.encoded);
    next = at != extents_.end() && video_id(*at) == change.video_id ? index + 1 : index;
  }
  copy.add_some(*this, next, extents_.size());
  return copy;
}

// Appends the records [from, to) of another.
void EncodedRecords::add_some(const EncodedRecords& other, std::size_t from, std::size_t to) {
  const std::size_t first = other.start(from);
  const std::size_t moved = bytes_.size() - first;  // wraps where they move down
  bytes_.append(other.bytes_, first, other.start(to) - first);
  for (std::size_t i = from; i < to; ++i) {
    extents_.push_back({static_cast<std::uint32_t>(other.extents_[i].start + moved),
                        other.extents_[i].video_id_size});
  }
}

void EncodedRecords::shrink_to_fit() {
  bytes_.shrink_to_fit();
  extents_.shrink_to_fit();
}

std::size_t EncodedRecords::memory_bytes() const {
  return sizeof *this + bytes_.capacity() + extents_.capacity() * sizeof(Extent);
}

Result<ViewerRecords> ViewerRecords::of(std::shared_ptr<const EncodedRecords> encoded,
                                        Instant erased_at) {
  ViewerRecords read;
  read.records_.reserve(encoded->count());
  const std::string_view all = encoded->bytes_;
  for (std::size_t i = 0; i < encoded->count(); ++i) {
    StoredRecord& stored = read.records_.emplace_back(encoded->video_id(encoded->extents_[i]));
    const std::size_t start = encoded->extents_[i].start + stored.video_id.size();
    const std::string_view bytes = all.substr(start, encoded->start(i + 1) - start);
    if (!decode(bytes, stored.record)) {
      return fail(ErrorCode::store_unavailable, "a stored record does not decode");
    }
    if (erased_at > Instant{} || stored.record.forgotten_at > Instant{}) {
      stored.record = without(stored.record, erased_at);
      if (nothing_to_show(stored.record)) read.records_.pop_back();
    }
  }
  read.encoded_ = std::move(encoded);
  return read;
}

}  // namespace playhead
