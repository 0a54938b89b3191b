// The reference store: a map in memory. What it does is what every store must do.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "store/store.h"

namespace playhead {

/// Holds everything in memory; "durable" means as long as the process. Thread safe by one mutex:
/// it is for tests, demos and measurements of everything above a store.
class MemoryStore final : public Store {
 public:
  Result<void> apply(const Batch& batch) override;
  Result<ViewerRecords> read(ViewerRef viewer, std::span<const std::string_view> video_ids,
                             ReadFrom from) override;
  Result<ViewerRecords> read_all(ViewerRef viewer, ReadFrom from) override;
  Result<void> purge(Instant now, const std::stop_token& stop) override;
  std::optional<StoreTrouble> trouble() const override;
  StoreStats stats() const override;

 private:
  // Encoded, because a Record borrows its strings. (account, profile), then video id.
  using Videos = std::map<std::string, std::string, std::less<>>;
  using ViewerKey = std::pair<std::string, std::string>;

  void erase(const Erasure& erasure);
  Instant erased_at(ViewerRef viewer) const;

  mutable std::mutex mutex_;
  std::map<ViewerKey, Videos> viewers_;
  std::map<std::string, Instant, std::less<>> erased_accounts_;
  std::map<ViewerKey, Instant> erased_viewers_;
};

}  // namespace playhead
