// Hot viewers: the records of each and what was written since, in sixteen lists, latest first.
#include "store/rocksdb/hot_viewers.h"

#include <algorithm>
#include <utility>

#include <absl/hash/hash.h>

namespace playhead::rocks {

HotViewers::HotViewers(std::size_t bytes_max)
    : shard_bytes_max_(bytes_max / std::tuple_size_v<decltype(shards_)>),
      slots_(std::make_unique<std::atomic<std::uint32_t>[]>(kSlots)) {}

HotViewers::Look HotViewers::look(ViewerRef viewer) {
  if (shard_bytes_max_ == 0) return {};
  Hold hold(shard_of(viewer.account));
  const Entry* const entry = find(hold.shard, viewer);
  if (entry == nullptr) {
    Look none;
    none.version = begin(hold, viewer);
    return none;
  }
  auto& entries = hold.shard.entries;
  entries.relocate(entries.begin(), entries.iterator_to(*entry));
  return entry->kept;
}

bool HotViewers::wants(const EncodedRecords& records) const {
  return shard_bytes_max_ > 0 && records.count() >= kRecordsMin &&
         records.count() <= kRecordsReadOnLoopMax;
}

void HotViewers::keep(ViewerRef viewer, Version version,
                      std::shared_ptr<const EncodedRecords> records, Instant erased_at) {
  if (shard_bytes_max_ == 0) return;
  Hold hold(shard_of(viewer.account));
  const Entry* const entry = find(hold.shard, viewer);
  if (entry == nullptr || entry->kept.version != version) return;
  const std::size_t before = entry->bytes();
  const std::size_t after = before - entry->kept.bytes() + records->memory_bytes();
  // More than there is room for would send everyone else away, and then go itself.
  if (!wants(*records) || after > shard_bytes_max_) return drop(hold, *entry);
  hold.freed.push_back(std::move(entry->kept.records));
  entry->kept = {std::move(records), erased_at, {}, ++hold.shard.version};
  recount(hold, before, after);
}

void HotViewers::give_up(ViewerRef viewer, Version version) {
  if (shard_bytes_max_ == 0) return;
  Hold hold(shard_of(viewer.account));
  const Entry* const entry = find(hold.shard, viewer);
  if (entry == nullptr || entry->kept.records || entry->kept.version != version) return;
  drop(hold, *entry);
}

void HotViewers::wrote(std::span<const RecordWrite> writes) {
  // Either this sees the count of whoever began to read before the write was there, or they see the
  // write: the other fence is in `begin`. One for all, or each look at a count would wait for it.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  for (const RecordWrite& write : writes) {
    if (slots_[slot_of(write.viewer)].load(std::memory_order_relaxed) == 0) continue;
    note(write.viewer, write.video_id);
  }
}

void HotViewers::note(ViewerRef viewer, std::string_view video_id) {
  Hold hold(shard_of(viewer.account));
  const Entry* const entry = find(hold.shard, viewer);
  if (entry == nullptr) return;
  Look& kept = entry->kept;
  // Of whoever is at the database for the first time, nothing would be kept: another may begin.
  if (!kept.records) return drop(hold, *entry);
  kept.version = ++hold.shard.version;
  if (std::ranges::find(kept.changed, video_id) != kept.changed.end()) return;
  const std::size_t most = std::min(kChangedMax, kept.records->count() / kRecordsAChange);
  if (kept.changed.size() >= most) return drop(hold, *entry);
  const std::size_t before = entry->bytes();
  kept.changed.emplace_back(video_id);
  recount(hold, before, entry->bytes());
}

void HotViewers::erased(std::string_view account) {
  if (shard_bytes_max_ == 0) return;
  Hold hold(shard_of(account));
  auto& by_account = hold.shard.entries.get<2>();
  const std::string key = account_prefix(account);
  for (auto it = by_account.find(key); it != by_account.end(); it = by_account.find(key)) {
    drop(hold, *it);
  }
}

std::size_t HotViewers::Look::bytes() const {
  std::size_t bytes = records ? records->memory_bytes() : 0;
  for (const std::string& video_id : changed) bytes += sizeof(std::string) + video_id.size();
  return bytes;
}

HotViewers::Shard& HotViewers::shard_of(std::string_view account) {
  return shards_[TextHash{}(account) % shards_.size()];
}

std::size_t HotViewers::slot_of(ViewerRef viewer) {
  return absl::HashOf(viewer) % kSlots;
}

const HotViewers::Entry* HotViewers::find(Shard& shard, ViewerRef viewer) {
  const auto& by_viewer = shard.entries.get<1>();
  const auto found = by_viewer.find(viewer_prefix(viewer));
  return found == by_viewer.end() ? nullptr : &*found;
}

// From here on what is written of the viewer is noted.
HotViewers::Version HotViewers::begin(Hold& hold, ViewerRef viewer) {
  Entry entry{viewer_prefix(viewer), slot_of(viewer), {}};
  entry.kept.version = ++hold.shard.version;
  slots_[entry.slot].fetch_add(1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);  // before the database is read
  const std::size_t bytes = entry.bytes();
  hold.shard.entries.push_front(std::move(entry));
  recount(hold, 0, bytes);
  return hold.shard.version;
}

void HotViewers::recount(Hold& hold, std::size_t before, std::size_t after) {
  Shard& shard = hold.shard;
  shard.bytes += after - before;
  bytes_.fetch_add(after - before, std::memory_order_relaxed);
  while (shard.bytes > shard_bytes_max_) drop(hold, shard.entries.back());
}

void HotViewers::drop(Hold& hold, const Entry& entry) {
  const std::size_t bytes = entry.bytes();
  hold.shard.bytes -= bytes;
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  slots_[entry.slot].fetch_sub(1, std::memory_order_relaxed);
  hold.freed.push_back(std::move(entry.kept.records));
  hold.shard.entries.erase(hold.shard.entries.iterator_to(entry));
}

}  // namespace playhead::rocks
