// Opening the database, checking its format, reading erasures.
#include "store/rocksdb/database.h"

#include <algorithm>
#include <charconv>

#include <rocksdb/cache.h>

#include "store/rocksdb/keys.h"
#include "store/rocksdb/merge_operators.h"

namespace playhead::rocks {
namespace {

constexpr char kFormatKey[] = "format_version";

Error opening_error(const std::filesystem::path& folder, const rocksdb::Status& status) {
  const std::string text = status.ToString();
  std::string what = "the store in " + folder.string() + " cannot be opened: " + text;
  if (text.find("lock") != std::string::npos) {
    what += "; another process uses it: stop that one, or give this one its own data folder";
  } else if (status.IsCorruption()) {
    what += "; it is damaged: restore it from a backup, or move the folder away to start afresh";
  } else if (status.IsIOError()) {
    what += "; check that the folder can be written and that the disk has room";
  }
  return {ErrorCode::store_unavailable, what, {}};
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& folder,
                                                 const Tuning& tuning, Clock& clock) {
  std::unique_ptr<Database> database(new Database);
  const auto cache = rocksdb::NewLRUCache(tuning.block_cache_bytes);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, meta_options()},
      {"records", record_options(tuning, cache, clock, database->long_chains_)},
      {"erasures", erasure_options(cache)},
  };
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::Open(database_options(), folder.string(), families,
                                        &database->handles_, &opened);
  if (!status.ok()) return tl::unexpected(opening_error(folder, status));
  database->db_.reset(opened);
  if (auto format = database->check_format(); !format) return tl::unexpected(format.error());
  return database;
}

Database::~Database() {
  if (!db_) return;
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  db_->Close();
}

Result<void> Database::check_format() {
  std::string stored;
  const auto status = db_->Get(rocksdb::ReadOptions(), kFormatKey, &stored);
  if (status.IsNotFound()) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    const auto written = db_->Put(synced, kFormatKey, std::to_string(kFormatVersion));
    if (written.ok()) return {};
    return fail(ErrorCode::store_unavailable,
                "the new store cannot be written: " + written.ToString());
  }
  if (!status.ok()) return fail(ErrorCode::store_unavailable, status.ToString());
  int version = 0;
  const char* end = stored.data() + stored.size();
  const auto parsed = std::from_chars(stored.data(), end, version);
  if (parsed.ec != std::errc{} || parsed.ptr != end || version < 1) {
    return fail(ErrorCode::store_unavailable, "the store's format version is damaged");
  }
  if (version > kFormatVersion) {
    return fail(ErrorCode::store_unavailable,
                "the store has format " + stored + ", this program reads up to " +
                    std::to_string(kFormatVersion) + ": run the newer program");
  }
  return {};
}

Result<Instant> Database::erased_at(ViewerRef viewer, const rocksdb::ReadOptions& options) {
  Instant latest;
  rocksdb::PinnableSlice value;
  for (const std::string& key : {account_prefix(viewer.account), viewer_prefix(viewer)}) {
    const auto found = get(*db_, options, erasures(), key, value);
    if (!found) return tl::unexpected(found.error());
    if (*found) latest = std::max(latest, decode_instant(view(value)));
  }
  return latest;
}

Result<bool> get(rocksdb::DB& db, const rocksdb::ReadOptions& options,
                 rocksdb::ColumnFamilyHandle* family, std::string_view key,
                 rocksdb::PinnableSlice& value) {
  value.Reset();
  const auto status = db.Get(options, family, slice(key), &value);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return read_error(status);
  // No value of ours is empty. Without I/O, RocksDB says so of a table it would have to open.
  if (value.empty() && options.read_tier == rocksdb::kBlockCacheTier) {
    return fail(ErrorCode::would_block);
  }
  return true;
}

rocksdb::ReadOptions read_options(ReadFrom from) {
  rocksdb::ReadOptions options;
  if (from == ReadFrom::memory) options.read_tier = rocksdb::kBlockCacheTier;
  return options;
}

tl::unexpected<Error> read_error(const rocksdb::Status& status) {
  if (status.IsIncomplete()) return fail(ErrorCode::would_block);
  return fail(ErrorCode::store_unavailable, "a read failed: " + status.ToString());
}

}  // namespace playhead::rocks
