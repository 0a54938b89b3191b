// The embedded store on RocksDB.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/store.h"

namespace playhead {
class Log;
}

namespace rocksdb {
class WriteBatch;
}

namespace playhead::rocks {

struct Tuning;
class Database;

/// Records in a folder on disk. `apply` returns once the write-ahead log is synced. Lives as long
/// as the folder's lock is held; the clock and the log outlive it.
class RocksStore final : public Store {
 public:
  /// Opens or makes the store in `folder`. Errors are `store_unavailable` and say what to do: the
  /// folder is in use by another process, cannot be written, is damaged, or is of a newer version.
  static Result<std::unique_ptr<RocksStore>> open(const std::filesystem::path& folder,
                                                  const Tuning& tuning, Clock& clock, Log& log);
  ~RocksStore() override;

  Result<void> apply(const Batch& batch) override;
  Result<ViewerRecords> read(ViewerRef viewer, std::span<const std::string_view> video_ids,
                             ReadFrom from) override;
  Result<ViewerRecords> read_all(ViewerRef viewer, ReadFrom from) override;
  Result<void> purge(Instant now) override;
  std::optional<std::string> trouble() const override;
  StoreStats stats() const override;

  /// Merges everything down to the last level and writes it out: what compaction does on its own
  /// in time. For tests and measurements.
  Result<void> compact();

 private:
  RocksStore(std::unique_ptr<Database> database, bool sync, Log& log);
  Result<void> refuse_writes(const std::string& why);
  Result<ViewerRecords> find(ViewerRef viewer, std::span<const std::string_view> video_ids,
                             ReadFrom from);
  Result<ViewerRecords> scan(ViewerRef viewer, ReadFrom from);
  Result<ViewerRecords> told(Result<ViewerRecords> read);
  void shorten_chains(rocksdb::WriteBatch& writes);
  Result<void> write_forgets(rocksdb::WriteBatch& batch);
  Result<void> forget_erased(std::string_view mark, Instant erased_at);
  Result<void> drop_mark(std::string_view mark, Instant limit);
  Result<void> flush_daily(Instant now);

  std::unique_ptr<Database> database_;
  bool sync_;
  Log& log_;
  std::string key_;     // reused by apply, which one thread calls
  std::string value_;   // likewise
  Instant flushed_at_;  // purge's own
  // Keeps a purge from dropping a mark that an erasure is just renewing, and from writing what a
  // chain's merge would cover.
  std::mutex write_mutex_;
  std::atomic<bool> failed_ = false;
  std::atomic<std::int64_t> read_failure_logged_s_ = 0;
  mutable std::mutex trouble_mutex_;
  std::string trouble_;
};

}  // namespace playhead::rocks
