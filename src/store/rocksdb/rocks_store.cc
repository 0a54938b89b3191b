// The store port on RocksDB: blind merges in, prefix scans out.
#include "store/rocksdb/rocks_store.h"

#include <chrono>

#include <rocksdb/write_batch.h>

#include "base/log.h"
#include "store/record_codec.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/merge_operators.h"

namespace playhead::rocks {

Result<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& folder,
                                                     const Tuning& tuning, Clock& clock, Log& log) {
  auto database = Database::open(folder, tuning, clock);
  if (!database) return tl::unexpected(database.error());
  return std::unique_ptr<RocksStore>(new RocksStore(std::move(*database), tuning.sync, log));
}

RocksStore::RocksStore(std::unique_ptr<Database> database, bool sync, Log& log)
    : database_(std::move(database)), sync_(sync), log_(log) {}

RocksStore::~RocksStore() = default;

Result<void> RocksStore::apply(const Batch& batch) {
  if (failed_.load(std::memory_order_acquire)) {
    return fail(ErrorCode::store_unavailable, "the store takes no writes since one failed");
  }
  // From before a chain is read until its merge is written: nothing may be written between.
  const std::scoped_lock lock(write_mutex_);
  rocksdb::WriteBatch writes;
  shorten_chains(writes);
  // Ranges go before writes: they take what was written before, and a write of this batch that is
  // not newer than its erasure is left out by every read.
  for (const Erasure& erasure : batch.erasures) {
    const std::string prefix = erasure_key(erasure.account, erasure.profile);
    writes.DeleteRange(database_->records(), prefix, end_of(prefix));
    writes.Merge(database_->erasures(), prefix, encode_instant(erasure.at));
  }
  for (const RecordWrite& write : batch.writes) {
    record_key(write.viewer, write.video_id, key_);
    value_.clear();
    encode(write.delta, value_);
    writes.Merge(database_->records(), key_, value_);
  }
  rocksdb::WriteOptions options;
  options.sync = sync_;
  const auto status = database_->db().Write(options, &writes);
  if (!status.ok()) return refuse_writes(status.ToString());
  return {};
}

// Writes the merge of long chains that readers met over them. What is not in memory any more stays
// as it is: writes wait for no read.
void RocksStore::shorten_chains(rocksdb::WriteBatch& writes) {
  LongChains& chains = database_->long_chains();
  const std::vector<std::string> keys = chains.some();
  if (keys.empty()) return;
  rocksdb::PinnableSlice merged;
  for (const std::string& key : keys) {
    const auto there =
        get(database_->db(), read_options(ReadFrom::memory), database_->records(), key, merged);
    if (there && *there) writes.Put(database_->records(), key, merged);
  }
  chains.drop(keys);
}

Result<void> RocksStore::refuse_writes(const std::string& why) {
  {
    const std::scoped_lock lock(trouble_mutex_);
    trouble_ = "a write failed: " + why;
  }
  if (!failed_.exchange(true, std::memory_order_acq_rel)) {
    log_.write(LogLevel::error, "store_write_failed",
               "the store takes no more writes: see that the disk is healthy and has room, then "
               "restart; what was acknowledged is safe, clients send the rest again",
               {{"error", std::string_view(why)}});
  }
  return fail(ErrorCode::store_unavailable, "the write failed");
}

Result<ViewerRecords> RocksStore::read(ViewerRef viewer,
                                       std::span<const std::string_view> video_ids, ReadFrom from) {
  return told(find(viewer, video_ids, from));
}

Result<ViewerRecords> RocksStore::read_all(ViewerRef viewer, ReadFrom from) {
  return told(scan(viewer, from));
}

// Says a failed read in the log, at most once a second: a damaged block fails many readers.
Result<ViewerRecords> RocksStore::told(Result<ViewerRecords> read) {
  if (read || read.error().code == ErrorCode::would_block) return read;
  const std::int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(
                                 std::chrono::steady_clock::now().time_since_epoch())
                                 .count();
  if (read_failure_logged_s_.exchange(now_s) != now_s) {
    log_.write(LogLevel::error, "store_read_failed",
               "a viewer's records cannot be read: see that the disk is healthy; a damaged store "
               "is restored from a backup",
               {{"error", std::string_view(read.error().detail)}});
  }
  return read;
}

Result<ViewerRecords> RocksStore::find(ViewerRef viewer,
                                       std::span<const std::string_view> video_ids, ReadFrom from) {
  const rocksdb::ReadOptions options = read_options(from);
  ViewerRecords found;
  std::string key;
  rocksdb::PinnableSlice value;
  for (const std::string_view video_id : video_ids) {
    record_key(viewer, video_id, key);
    const auto there = get(database_->db(), options, database_->records(), key, value);
    if (!there) return tl::unexpected(there.error());
    if (*there) found.add(video_id, view(value));
  }
  const auto erased = database_->erased_at(viewer, options);
  if (!erased) return tl::unexpected(erased.error());
  if (auto done = found.finish(*erased); !done) return tl::unexpected(done.error());
  return found;
}

Result<ViewerRecords> RocksStore::scan(ViewerRef viewer, ReadFrom from) {
  rocksdb::ReadOptions options = read_options(from);
  const auto erased = database_->erased_at(viewer, options);
  if (!erased) return tl::unexpected(erased.error());

  const std::string prefix = record_prefix(viewer);
  const std::string end = end_of(prefix);
  const rocksdb::Slice bound(end);
  options.iterate_upper_bound = &bound;
  const std::size_t limit = from == ReadFrom::memory ? kRecordsReadOnLoopMax : kRecordsReadMax;
  ViewerRecords found;
  std::size_t count = 0;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_->db().NewIterator(options, database_->records()));
  for (it->Seek(prefix); it->Valid(); it->Next()) {
    if (++count > limit) {
      if (from == ReadFrom::memory) return fail(ErrorCode::would_block);
      break;
    }
    found.add(view(it->key()).substr(prefix.size()), view(it->value()));
  }
  if (!it->status().ok()) return read_error(it->status());
  if (auto done = found.finish(*erased); !done) return tl::unexpected(done.error());
  return found;
}

std::optional<std::string> RocksStore::trouble() const {
  if (!failed_.load(std::memory_order_acquire)) return std::nullopt;
  const std::scoped_lock lock(trouble_mutex_);
  return trouble_;
}

StoreStats RocksStore::stats() const {
  rocksdb::DB& db = database_->db();
  const auto property = [&](const char* name) {
    std::uint64_t value = 0;
    db.GetIntProperty(database_->records(), name, &value);
    return value;
  };
  StoreStats stats;
  stats.disk_bytes =
      property("rocksdb.total-sst-files-size") + property("rocksdb.cur-size-all-mem-tables");
  stats.memory_bytes =
      property("rocksdb.cur-size-all-mem-tables") + property("rocksdb.block-cache-usage");
  stats.records = property("rocksdb.estimate-num-keys");
  return stats;
}

Result<void> RocksStore::compact() {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  const auto status = database_->db().CompactRange(options, database_->records(), nullptr, nullptr);
  if (!status.ok()) return fail(ErrorCode::store_unavailable, status.ToString());
  return {};
}

}  // namespace playhead::rocks
