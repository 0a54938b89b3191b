// The reference store.
#include "store/memory/memory_store.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "store/record_codec.h"

namespace playhead {
namespace {

void merge_encoded(std::string& stored, const Record& delta) {
  Record record = stored.empty() ? Record{} : decode(stored).value();
  merge(record, delta);
  std::string merged;
  encode(record, merged);
  stored = std::move(merged);
}

// What a record is once nothing that is not newer than `limit` can come any more.
std::string scrubbed(const std::string& encoded, Instant limit) {
  Record left = without(decode(encoded).value(), limit);
  if (left.forgotten_at <= limit) left.forgotten_at = Instant{};
  std::string out;
  if (!left.empty()) encode(left, out);
  return out;
}

}  // namespace

Result<void> MemoryStore::apply(const Batch& batch) {
  const std::scoped_lock lock(mutex_);
  for (const RecordWrite& write : batch.writes) {
    const ViewerKey viewer(write.viewer.account, write.viewer.profile);
    merge_encoded(viewers_[viewer][std::string(write.video_id)], write.delta);
  }
  for (const Erasure& erasure : batch.erasures) erase(erasure);
  return {};
}

void MemoryStore::erase(const Erasure& erasure) {
  const auto forget = [&](Videos& videos) {
    for (auto& [video_id, encoded] : videos) encoded = scrubbed(encoded, erasure.at);
    std::erase_if(videos, [](const auto& video) { return video.second.empty(); });
  };
  if (erasure.profile) {
    const ViewerKey viewer(erasure.account, *erasure.profile);
    Instant& at = erased_viewers_[viewer];
    at = std::max(at, erasure.at);
    forget(viewers_[viewer]);
    return;
  }
  Instant& at = erased_accounts_[std::string(erasure.account)];
  at = std::max(at, erasure.at);
  for (auto& [viewer, videos] : viewers_) {
    if (viewer.first == erasure.account) forget(videos);
  }
}

Instant MemoryStore::erased_at(ViewerRef viewer) const {
  Instant latest;
  const auto account = erased_accounts_.find(viewer.account);
  if (account != erased_accounts_.end()) latest = account->second;
  const auto one =
      erased_viewers_.find(ViewerKey(std::string(viewer.account), std::string(viewer.profile)));
  if (one != erased_viewers_.end()) latest = std::max(latest, one->second);
  return latest;
}

Result<ViewerRecords> MemoryStore::read(ViewerRef viewer,
                                        std::span<const std::string_view> video_ids,
                                        ReadFrom /*from*/) {
  const std::scoped_lock lock(mutex_);
  const auto videos =
      viewers_.find(ViewerKey(std::string(viewer.account), std::string(viewer.profile)));
  if (videos == viewers_.end()) return ViewerRecords();
  auto found = std::make_shared<EncodedRecords>();
  for (const std::string_view video_id : video_ids) {
    const auto video = videos->second.find(video_id);
    if (video != videos->second.end()) found->add(video_id, video->second);
  }
  return ViewerRecords::of(std::move(found), erased_at(viewer));
}

Result<ViewerRecords> MemoryStore::read_all(ViewerRef viewer, ReadFrom /*from*/) {
  const std::scoped_lock lock(mutex_);
  const auto videos =
      viewers_.find(ViewerKey(std::string(viewer.account), std::string(viewer.profile)));
  if (videos == viewers_.end()) return ViewerRecords();
  auto found = std::make_shared<EncodedRecords>();
  std::size_t count = 0;
  for (const auto& [video_id, encoded] : videos->second) {
    if (++count > kRecordsReadMax) break;
    found->add(video_id, encoded);
  }
  return ViewerRecords::of(std::move(found), erased_at(viewer));
}

Result<void> MemoryStore::purge(Instant now, const std::stop_token& /*stop*/) {
  const std::scoped_lock lock(mutex_);
  const Instant limit{now.ms - kErasureKeptMs};
  for (auto& [viewer, videos] : viewers_) {
    const Instant erased = erased_at({viewer.first, viewer.second});
    for (auto& [video_id, encoded] : videos) {
      const Instant forgotten = decode(encoded).value().forgotten_at;
      if (erased > Instant{} && erased <= limit) encoded = scrubbed(encoded, erased);
      if (!encoded.empty() && forgotten > Instant{} && forgotten <= limit) {
        encoded = scrubbed(encoded, forgotten);
      }
    }
    std::erase_if(videos, [](const auto& video) { return video.second.empty(); });
  }
  std::erase_if(viewers_, [](const auto& viewer) { return viewer.second.empty(); });
  std::erase_if(erased_accounts_, [&](const auto& mark) { return mark.second <= limit; });
  std::erase_if(erased_viewers_, [&](const auto& mark) { return mark.second <= limit; });
  return {};
}

std::optional<StoreTrouble> MemoryStore::trouble() const {
  return std::nullopt;
}

StoreStats MemoryStore::stats() const {
  const std::scoped_lock lock(mutex_);
  StoreStats stats;
  for (const auto& [viewer, videos] : viewers_) {
    stats.records += videos.size();
    for (const auto& [video_id, encoded] : videos) {
      stats.memory_bytes += video_id.size() + encoded.size();
    }
  }
  return stats;
}

}  // namespace playhead
