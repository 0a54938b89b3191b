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
  const std::size_t start = bytes_.size();
  bytes_.resize(start + video_id.size() + encoded.size());
  // Two plain copies: a row adds hundreds of records.
  char* const place = bytes_.data() + start;
  std::copy_n(video_id.data(), video_id.size(), place);
  std::copy_n(encoded.data(), encoded.size(), place + video_id.size());
  extents_.push_back(
      {static_cast<std::uint32_t>(video_id.size()), static_cast<std::uint32_t>(encoded.size())});
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
  const char* next = encoded->bytes_.data();
  for (const auto& extent : encoded->extents_) {
    const std::string_view video_id(next, extent.video_id_size);
    const std::string_view bytes(next + extent.video_id_size, extent.encoded_size);
    next += extent.video_id_size + extent.encoded_size;
    StoredRecord& stored = read.records_.emplace_back();
    stored.video_id = video_id;
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
