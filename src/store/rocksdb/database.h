// An open RocksDB with our column families, and the reads that need no more than it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <rocksdb/db.h>

#include "base/clock.h"
#include "store/rocksdb/hot_viewers.h"
#include "store/rocksdb/long_chains.h"
#include "store/rocksdb/options.h"
#include "store/store.h"

namespace playhead {
class Log;
}

namespace playhead::rocks {

/// Version of everything a folder holds: keys, values, families. A newer one is not opened.
constexpr int kFormatVersion = 1;

enum class WhenMissing : std::uint8_t { create, refuse };

/// What opening needs besides the folder; all of it outlives the database.
struct Surroundings {
  const Tuning& tuning;
  Clock& clock;
  Log& log;
  /// Told of every error of a write, flush or compaction, on RocksDB's threads or ours.
  std::function<void(const rocksdb::Status&)> on_background_error;
};

/// Owns the database and the handles of its families. Thread safe as RocksDB is.
class Database {
 public:
  /// Errors say what to do. A folder that holds a store without its table of contents is not taken
  /// for a missing one: RocksDB would make a new one and delete the tables of the old.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder,
                                                const Surroundings& surroundings,
                                                WhenMissing when_missing);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Whether the write-ahead log in use, and the folder it is in, are still those at the path. A
  /// deleted file takes writes and syncs like any other, and keeps none of them.
  bool in_place() const;
  bool folder_in_place() const;

  /// Makes tables of all that is in memory, and begins a new log where there was something.
  Result<void> flush();

  rocksdb::DB& db() { return *db_; }
  LongChains& long_chains() { return *long_chains_; }
  HotViewers& hot_viewers() { return hot_viewers_; }
  rocksdb::ColumnFamilyHandle* records() const { return handles_[1]; }
  rocksdb::ColumnFamilyHandle* erasures() const { return handles_[2]; }

  /// The later of the account's and the viewer's erasure; 0 where there is none.
  Result<Instant> erased_at(ViewerRef viewer, const rocksdb::ReadOptions& options);

 private:
  Database(const std::filesystem::path& folder, const Tuning& tuning)
      : folder_(folder), hot_viewers_(tuning.hot_viewers_bytes) {}
  Result<void> check_format(WhenMissing when_missing);

  const std::shared_ptr<LongChains> long_chains_ = std::make_shared<LongChains>();
  const std::filesystem::path folder_;
  HotViewers hot_viewers_;
  int folder_descriptor_ = -1;  // held, so that nothing else can get the folder's inode number
  std::unique_ptr<rocksdb::Env> zeroed_logs_env_;  // none where writes are not synced
  std::unique_ptr<rocksdb::DB> db_;
  // default (what the store says of itself), records, erasures: in this order.
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

rocksdb::ReadOptions read_options(ReadFrom from);

/// Reads one value into `value`; false where there is none.
Result<bool> get(rocksdb::DB& db, const rocksdb::ReadOptions& options,
                 rocksdb::ColumnFamilyHandle* family, std::string_view key,
                 rocksdb::PinnableSlice& value);

/// A failed write in one word.
StoreTrouble trouble_of(const rocksdb::Status& status);

/// A failed read as our error: `would_block` where the block cache did not hold it.
tl::unexpected<Error> read_error(const rocksdb::Status& status);

inline rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view view(const rocksdb::Slice& text) {
  return {text.data(), text.size()};
}

}  // namespace playhead::rocks
