// Hot viewers: an epoch an account, and the records in sixteen lists, latest first.
#include "store/rocksdb/hot_viewers.h"

#include <iterator>
#include <utility>

#include "store/rocksdb/keys.h"
#include "store/store.h"

namespace playhead::rocks {

HotViewers::HotViewers(std::size_t bytes_max)
    : shard_bytes_max_(bytes_max / std::tuple_size_v<decltype(shards_)>),
      epochs_(std::make_unique<std::atomic<Epoch>[]>(kEpochs)) {}

HotViewers::Epoch HotViewers::epoch_of(std::string_view account) const {
  // Acquire: what is read of the database after it is not older than it.
  return epochs_[absl::HashOf(account) % kEpochs].load(std::memory_order_acquire);
}

void HotViewers::wrote(std::string_view account) {
  auto& epoch = epochs_[absl::HashOf(account) % kEpochs];
  // One thread writes, so this needs no locked addition. Release: who sees it sees the write.
  epoch.store(epoch.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

HotViewers::Shard& HotViewers::shard_of(std::string_view key) {
  return shards_[absl::HashOf(key) % shards_.size()];
}

std::optional<HotViewers::Found> HotViewers::find(ViewerRef viewer) {
  if (shard_bytes_max_ == 0) return std::nullopt;
  const std::string key = viewer_prefix(viewer);
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  const auto by_viewer = shard.entries.get<1>().find(key);
  if (by_viewer == shard.entries.get<1>().end()) return std::nullopt;
  const auto entry = shard.entries.project<0>(by_viewer);
  if (entry->epoch != epoch_of(viewer.account)) {
    drop(shard, entry);
    return std::nullopt;
  }
  shard.entries.relocate(shard.entries.begin(), entry);
  hits_.fetch_add(1, std::memory_order_relaxed);
  return entry->found;
}

bool HotViewers::wants(const EncodedRecords& records) const {
  return shard_bytes_max_ > 0 && records.count() >= kRecordsMin &&
         records.count() <= kRecordsReadOnLoopMax;
}

void HotViewers::keep(ViewerRef viewer, Epoch epoch, Found found) {
  if (!wants(*found.records)) return;
  Entry entry{viewer_prefix(viewer), epoch, std::move(found)};
  const std::size_t bytes = entry.bytes();
  if (bytes > shard_bytes_max_) return;
  Shard& shard = shard_of(entry.viewer);
  const std::scoped_lock lock(shard.mutex);
  if (epoch != epoch_of(viewer.account)) return;
  const auto known = shard.entries.get<1>().find(entry.viewer);
  if (known != shard.entries.get<1>().end()) drop(shard, shard.entries.project<0>(known));
  while (shard.bytes + bytes > shard_bytes_max_) drop(shard, std::prev(shard.entries.end()));
  shard.entries.push_front(std::move(entry));
  shard.bytes += bytes;
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

void HotViewers::drop(Shard& shard, Entries::iterator entry) {
  const std::size_t bytes = entry->bytes();
  shard.bytes -= bytes;
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  shard.entries.erase(entry);
}

}  // namespace playhead::rocks
