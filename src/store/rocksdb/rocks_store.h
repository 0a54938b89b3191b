// The embedded store on RocksDB.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "store/rocksdb/hot_viewers.h"
#include "store/rocksdb/tuning.h"
#include "store/store.h"

namespace playhead {
class Log;
}

namespace rocksdb {
class WriteBatch;
}

namespace playhead::rocks {

class Database;
enum class WhenMissing : std::uint8_t;

/// Records in a folder on disk. `apply` returns once the write-ahead log is synced, and is where
/// its name says. After any trouble nothing is written until `mend` has closed the database and
/// opened it again, which is what a restart would do (docs/adr/0013). The clock and the log outlive
/// it; whoever is told of an error while it is destroyed finds it whole.
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
  Result<void> purge(Instant now, const std::stop_token& stop) override;
  std::optional<StoreTrouble> trouble() const override;
  void mend() override;
  StoreStats stats() const override;

  /// Merges everything down to the last level and writes it out: what compaction does on its own
  /// in time. For tests and measurements.
  Result<void> compact();

 private:
  // Holds the database open while it is used; empty while it is being opened again.
  class Use;

  // All of a viewer, as they were read from the database.
  struct Encoded {
    std::shared_ptr<const EncodedRecords> records;
    Instant erased_at;
  };

  RocksStore(const std::filesystem::path& folder, const Tuning& tuning, Clock& clock, Log& log);
  Result<void> open_database(WhenMissing when_missing);
  Result<void> refuse_writes(StoreTrouble trouble, const std::string& why);
  void on_background_error(StoreTrouble trouble, const std::string& why);
  void reopen();
  void go_on_in_place();
  void tell_mended();
  static Result<ViewerRecords> find(Database& database, ViewerRef viewer,
                                    std::span<const std::string_view> video_ids, ReadFrom from);
  static Result<ViewerRecords> find_all(Database& database, ViewerRef viewer, ReadFrom from);
  static Result<Encoded> refresh(Database& database, ViewerRef viewer, const HotViewers::Look& look,
                                 ReadFrom from);
  static Result<Encoded> scan(Database& database, ViewerRef viewer, ReadFrom from);
  Result<ViewerRecords> told(Result<ViewerRecords> read);
  void shorten_chains(rocksdb::WriteBatch& writes);
  static tl::unexpected<Error> takes_no_writes();
  Result<void> write_step(rocksdb::WriteBatch& batch);
  Result<void> write_forgets(rocksdb::WriteBatch& batch);
  Result<void> forget_erased(std::string_view mark, Instant erased_at, const std::stop_token& stop);
  Result<void> drop_mark(std::string_view mark, Instant limit);
  Result<void> flush_daily(Instant now);

  const std::filesystem::path folder_;
  const Tuning tuning_;
  Clock& clock_;
  Log& log_;
  // Held shared by each use of the database, alone to close and open it. Loops never wait for it:
  // they try, and refuse the request.
  mutable std::shared_mutex database_mutex_;
  std::atomic<bool> closing_ = false;  // lets no new use begin, so that the mutex gets free
  std::unique_ptr<Database> database_;
  std::string key_;     // reused by apply, which one thread calls
  std::string value_;   // likewise
  Instant flushed_at_;  // purge's own
  // Keeps a purge from dropping a mark that an erasure is just renewing, and from writing what a
  // chain's merge would cover.
  std::mutex write_mutex_;
  std::atomic<std::int64_t> read_failure_logged_s_ = 0;
  std::atomic<std::uint64_t> read_failures_ = 0;
  std::atomic<std::uint64_t> times_mended_ = 0;
  mutable std::mutex trouble_mutex_;
  std::atomic<bool> failed_ = false;  // whether trouble_ holds one; written under the mutex
  std::optional<StoreTrouble> trouble_;
  // An error that a thread of RocksDB tells while the database is being opened counts once it is.
  bool opening_ = false;
  std::optional<std::pair<StoreTrouble, std::string>> told_while_opening_;
  // mend's own: when to try next, when it opened last, and how long to wait after that.
  std::chrono::steady_clock::time_point next_mend_;
  std::chrono::steady_clock::time_point reopened_at_;
  std::chrono::milliseconds mend_pause_{0};
  bool reopen_failure_told_ = false;
};

}  // namespace playhead::rocks
