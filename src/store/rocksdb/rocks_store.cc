// The store port on RocksDB: blind merges in, prefix scans out.
#include "store/rocksdb/rocks_store.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <rocksdb/perf_level.h>
#include <rocksdb/write_batch.h>

#include "base/log.h"
#include "store/record_codec.h"
#include "store/rocksdb/database_use.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/merge_operators.h"

namespace playhead::rocks {
namespace {

// The later of two looks at the marks, one before the records were read and one after: an erasure
// that comes in between is seen by the second; a mark that a purge drops in between was seen by the
// first.
Result<Instant> erased_by_now(Database& database, ViewerRef viewer, Instant erased_before,
                              const rocksdb::ReadOptions& options) {
  const auto erased = database.erased_at(viewer, options);
  return erased ? std::max(erased_before, *erased) : erased;
}

// Reads the records of some videos one by one: `each` is told the video's id, and the record's
// bytes or nullopt.
template <typename VideoIds, typename Each>
Result<void> get_each(Database& database, ViewerRef viewer, const VideoIds& video_ids,
                      const rocksdb::ReadOptions& options, const Each& each) {
  std::string key;
  rocksdb::PinnableSlice value;
  for (const std::string_view video_id : video_ids) {
    record_key(viewer, video_id, key);
    const auto there = get(database.db(), options, database.records(), key, value);
    if (!there) return tl::unexpected(there.error());
    each(video_id, *there ? std::optional(view(value)) : std::nullopt);
  }
  return {};
}

// RocksDB counts every step of a thread's reads for whoever asks, at a twentieth of a row; only
// tests do. They can switch it on again: it is switched off once.
void count_no_reads() {
  thread_local bool told = false;
  if (told) return;
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
  told = true;
}

}  // namespace

Result<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& folder,
                                                     const Tuning& tuning, Clock& clock, Log& log) {
  std::unique_ptr<RocksStore> store(new RocksStore(folder, tuning, clock, log));
  if (auto opened = store->open_database(WhenMissing::create); !opened) {
    return tl::unexpected(opened.error());
  }
  return store;
}

RocksStore::RocksStore(const std::filesystem::path& folder, const Tuning& tuning, Clock& clock,
                       Log& log)
    : folder_(folder), tuning_(tuning), clock_(clock), log_(log) {}

// First, while all that RocksDB's threads may call back to is there.
RocksStore::~RocksStore() {
  database_.reset();
}

Result<void> RocksStore::open_database(WhenMissing when_missing) {
  {
    const std::scoped_lock lock(trouble_mutex_);
    opening_ = true;
    told_while_opening_.reset();
  }
  auto opened = Database::open(folder_,
                               {tuning_, clock_, log_,
                                [this](const rocksdb::Status& error) {
                                  on_background_error(trouble_of(error), error.ToString());
                                }},
                               when_missing);
  std::optional<std::pair<StoreTrouble, std::string>> told;
  {
    const std::scoped_lock lock(trouble_mutex_);
    opening_ = false;
    if (!opened) return tl::unexpected(opened.error());
    database_ = std::move(*opened);
    trouble_.reset();
    failed_.store(false, std::memory_order_release);
    told = std::exchange(told_while_opening_, std::nullopt);
  }
  if (told) refuse_writes(told->first, told->second);
  return {};
}

void RocksStore::on_background_error(StoreTrouble trouble, const std::string& why) {
  {
    const std::scoped_lock lock(trouble_mutex_);
    if (opening_) {
      told_while_opening_.emplace(trouble, why);
      return;
    }
  }
  refuse_writes(trouble, why);
}

Result<void> RocksStore::apply(const Batch& batch) {
  const Use database(*this);
  if (failed_.load(std::memory_order_acquire) || !database) return takes_no_writes();
  // From before a chain is read until its merge is written: nothing may be written between.
  const std::scoped_lock lock(write_mutex_);
  rocksdb::WriteBatch writes;
  shorten_chains(writes);
  // Ranges go before writes: they take what was written before, and a write of this batch that is
  // not newer than its erasure is left out by every read.
  for (const Erasure& erasure : batch.erasures) {
    const std::string prefix = erasure_key(erasure.account, erasure.profile);
    writes.DeleteRange(database->records(), prefix, end_of(prefix));
    writes.Merge(database->erasures(), prefix, encode_instant(erasure.at));
  }
  for (const RecordWrite& write : batch.writes) {
    record_key(write.viewer, write.video_id, key_);
    value_.clear();
    encode(write.delta, value_);
    writes.Merge(database->records(), key_, value_);
  }
  rocksdb::WriteOptions options;
  options.sync = tuning_.sync;
  const auto status = database->db().Write(options, &writes);
  // Also where it failed: what it left is unknown.
  HotViewers& hot = database->hot_viewers();
  for (const Erasure& erasure : batch.erasures) hot.erased(erasure.account);
  hot.wrote(batch.writes);
  if (!status.ok()) return refuse_writes(trouble_of(status), status.ToString());
  if (!database->in_place()) {
    return refuse_writes(StoreTrouble::folder_gone,
                         "the write-ahead log is not at its path under " + folder_.string());
  }
  return {};
}

tl::unexpected<Error> RocksStore::takes_no_writes() {
  return fail(ErrorCode::store_unavailable, "the store takes no writes since one failed");
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

Result<ViewerRecords> RocksStore::read(ViewerRef viewer,
                                       std::span<const std::string_view> video_ids, ReadFrom from) {
  const Use database(*this);
  if (!database) return Use::refusal();
  return told(find(*database, viewer, video_ids, from));
}

Result<ViewerRecords> RocksStore::read_all(ViewerRef viewer, ReadFrom from) {
  const Use database(*this);
  if (!database) return Use::refusal();
  return told(find_all(*database, viewer, from));
}

// Says a failed read in the log, at most once a second: a damaged block fails many readers.
Result<ViewerRecords> RocksStore::told(Result<ViewerRecords> read) {
  if (read || read.error().code == ErrorCode::would_block) return read;
  read_failures_.fetch_add(1, std::memory_order_relaxed);
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

Result<ViewerRecords> RocksStore::find(Database& database, ViewerRef viewer,
                                       std::span<const std::string_view> video_ids, ReadFrom from) {
  const rocksdb::ReadOptions options = read_options(from);
  auto erased = database.erased_at(viewer, options);
  if (!erased) return tl::unexpected(erased.error());
  auto found = std::make_shared<EncodedRecords>();
  const auto got = get_each(database, viewer, video_ids, options,
                            [&](std::string_view video_id, std::optional<std::string_view> record) {
                              if (record) found->add(video_id, *record);
                            });
  if (!got) return tl::unexpected(got.error());
  erased = erased_by_now(database, viewer, *erased, options);
  if (!erased) return tl::unexpected(erased.error());
  return ViewerRecords::of(std::move(found), *erased);
}

Result<ViewerRecords> RocksStore::find_all(Database& database, ViewerRef viewer, ReadFrom from) {
  HotViewers& hot = database.hot_viewers();
  const HotViewers::Look look = hot.look(viewer);
  if (look.records && look.changed.empty()) {
    hot.count_hit();
    return ViewerRecords::of(look.records, look.erased_at);
  }
  auto read = look.records ? refresh(database, viewer, look, from) : scan(database, viewer, from);
  auto records = read ? ViewerRecords::of(read->records, read->erased_at)
                      : Result<ViewerRecords>(tl::unexpected(read.error()));
  if (records) {
    if (look.records) hot.count_hit();
    hot.keep(viewer, look.version, std::move(read->records), read->erased_at);
  } else {
    hot.give_up(viewer, look.version);
  }
  return records;
}

// The records of a look, with those that were written since as they are in the database.
Result<RocksStore::Encoded> RocksStore::refresh(Database& database, ViewerRef viewer,
                                                const HotViewers::Look& look, ReadFrom from) {
  const rocksdb::ReadOptions options = read_options(from);
  std::vector<EncodedRecords::Change> changes;
  const auto got = get_each(database, viewer, look.changed, options,
                            [&](std::string_view video_id, std::optional<std::string_view> record) {
                              changes.push_back({video_id, std::optional<std::string>(record)});
                            });
  if (!got) return tl::unexpected(got.error());
  std::ranges::sort(changes, {}, &EncodedRecords::Change::video_id);
  // What was erased since the look is still among its records.
  const auto erased = erased_by_now(database, viewer, look.erased_at, options);
  if (!erased) return tl::unexpected(erased.error());
  return Encoded{std::make_shared<EncodedRecords>(look.records->with(changes)), *erased};
}

Result<RocksStore::Encoded> RocksStore::scan(Database& database, ViewerRef viewer, ReadFrom from) {
  rocksdb::ReadOptions options = read_options(from);
  auto erased = database.erased_at(viewer, options);
  if (!erased) return tl::unexpected(erased.error());

  const std::string prefix = record_prefix(viewer);
  const std::string end = end_of(prefix);
  const rocksdb::Slice bound(end);
  options.iterate_upper_bound = &bound;
  const std::size_t limit = from == ReadFrom::memory ? kRecordsReadOnLoopMax : kRecordsReadMax;
  auto found = std::make_shared<EncodedRecords>();
  count_no_reads();
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(options, database.records()));
  for (it->Seek(prefix); it->Valid(); it->Next()) {
    if (found->count() == limit) {
      if (from == ReadFrom::memory) return fail(ErrorCode::would_block);
      break;
    }
    found->add(view(it->key()).substr(prefix.size()), view(it->value()));
  }
  if (!it->status().ok()) return read_error(it->status());
  erased = erased_by_now(database, viewer, *erased, options);
  if (!erased) return tl::unexpected(erased.error());
  // Before they are decoded: what is decoded borrows.
  if (database.hot_viewers().wants(*found)) found->shrink_to_fit();
  return Encoded{std::move(found), *erased};
}

StoreStats RocksStore::stats() const {
  StoreStats stats;
  stats.read_failures = read_failures_.load(std::memory_order_relaxed);
  stats.times_mended = times_mended_.load(std::memory_order_relaxed);
  const Use database(*this);
  if (!database) return stats;
  stats.hot_reads = database->hot_viewers().hits();
  const std::size_t hot_bytes = database->hot_viewers().memory_bytes();
  const auto property = [&](const char* name) {
    std::uint64_t value = 0;
    database->db().GetIntProperty(database->records(), name, &value);
    return value;
  };
  stats.disk_bytes =
      property("rocksdb.total-sst-files-size") + property("rocksdb.cur-size-all-mem-tables");
  stats.memory_bytes = property("rocksdb.cur-size-all-mem-tables") +
                       property("rocksdb.block-cache-usage") + hot_bytes;
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
