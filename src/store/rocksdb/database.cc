// Opening the database, checking its format, reading erasures.
#include "store/rocksdb/database.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/listener.h>
#include <rocksdb/transaction_log.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/rocksdb/info_log.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/merge_operators.h"
#include "store/rocksdb/zeroed_logs.h"

namespace playhead::rocks {
namespace {

constexpr char kFormatKey[] = "format_version";

Error opening_error(const std::filesystem::path& folder, const rocksdb::Status& status) {
  const std::string text = status.ToString();
  std::string what = "the store in " + folder.string() + " cannot be opened: " + text;
  // "While lock file" where another process holds it, "lock hold by" where this one does.
  if (text.find("While lock file") != std::string::npos ||
      text.find("lock hold by") != std::string::npos) {
    what += "; another process uses it: stop that one, or give this one its own data folder";
  } else if (status.IsNoSpace()) {
    what += "; the disk is full: make room";
  } else if (status.IsCorruption() || status.IsPathNotFound()) {
    what += "; it is damaged: restore it from a backup, or move the folder away to start afresh";
  } else if (status.IsIOError()) {
    what += "; check that the folder can be written and that the disk has room";
  }
  return {ErrorCode::store_unavailable, what, {}};
}

class ErrorListener final : public rocksdb::EventListener {
 public:
  explicit ErrorListener(std::function<void(const rocksdb::Status&)> tell)
      : tell_(std::move(tell)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/,
                         rocksdb::Status* error) override {
    if (tell_) tell_(*error);
  }

 private:
  const std::function<void(const rocksdb::Status&)> tell_;
};

bool is_store_file(const std::filesystem::path& path) {
  // Not a MANIFEST: a first start that was cut short may leave one without a CURRENT.
  return path.extension() == ".sst" || path.extension() == ".log";
}

enum class Presence : std::uint8_t { absent, whole, headless };

// Whether there is a store in the folder; headless where its CURRENT is missing, and with it the
// table of contents.
Presence look(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder / "CURRENT", error)) return Presence::whole;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (is_store_file(it->path())) return Presence::headless;
  }
  return Presence::absent;
}

Result<void> check_presence(const std::filesystem::path& folder, Presence presence,
                            WhenMissing when_missing) {
  if (presence == Presence::headless) {
    return fail(ErrorCode::store_unavailable,
                "the store in " + folder.string() +
                    " has lost its file CURRENT; it is damaged: restore it from a backup, or move "
                    "the folder away to start afresh");
  }
  if (presence == Presence::absent && when_missing == WhenMissing::refuse) {
    return fail(ErrorCode::store_unavailable,
                "there is no store in " + folder.string() + " any more");
  }
  return {};
}

rocksdb::DBOptions options_for(const std::filesystem::path& folder,
                               const Surroundings& surroundings, WhenMissing when_missing) {
  rocksdb::DBOptions options = database_options();
  options.create_if_missing = when_missing == WhenMissing::create;
  options.create_missing_column_families = options.create_if_missing;
  options.listeners.push_back(std::make_shared<ErrorListener>(surroundings.on_background_error));
  options.info_log = info_log(folder, surroundings.log);
  return options;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& folder,
                                                 const Surroundings& surroundings,
                                                 WhenMissing when_missing) {
  const Tuning& tuning = surroundings.tuning;
  const Presence presence = look(folder);
  if (auto there = check_presence(folder, presence, when_missing); !there) {
    return tl::unexpected(there.error());
  }
  std::error_code failed;
  std::filesystem::create_directory(folder, failed);  // where it fails, opening says why
  std::unique_ptr<Database> database(new Database(folder, tuning));
  const auto cache = rocksdb::NewLRUCache(tuning.block_cache_bytes);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, meta_options()},
      {"records", record_options(tuning, cache, surroundings.clock, database->long_chains_)},
      {"erasures", erasure_options(cache)},
  };
  rocksdb::DBOptions options = options_for(folder, surroundings, when_missing);
  if (tuning.sync) {
    database->zeroed_logs_env_ = zeroed_logs_env();
    options.env = database->zeroed_logs_env_.get();
  }
  rocksdb::DB* opened = nullptr;
  const auto status =
      rocksdb::DB::Open(options, folder.string(), families, &database->handles_, &opened);
  if (!status.ok()) return tl::unexpected(opening_error(folder, status));
  database->db_.reset(opened);
  database->folder_descriptor_ = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (auto format = database->check_format(when_missing); !format)
    return tl::unexpected(format.error());
  if (presence == Presence::absent) {
    surroundings.log.write(LogLevel::info, "store_created",
                           "there was no store in the folder, and a new one was made: where one "
                           "should have been, stop, and see that its disk is mounted",
                           {{"folder", std::string_view(folder.native())}});
  }
  return database;
}

Database::~Database() {
  const bool is_ours = folder_in_place();
  if (folder_descriptor_ >= 0) ::close(folder_descriptor_);
  if (!db_) return;
  if (!is_ours) {
    // Closing deletes what it counts as obsolete, by name: at our path there may be a backup that
    // was restored, or somebody else's store. Leaked for the moment until the process ends.
    rocksdb::CancelAllBackgroundWork(db_.release(), true);
    (void)zeroed_logs_env_.release();  // which the database goes on using
    return;
  }
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  db_->Close();
}

Result<void> Database::flush() {
  rocksdb::FlushOptions options;
  options.allow_write_stall = true;
  for (auto* handle : handles_) {
    const auto status = db_->Flush(options, handle);
    if (!status.ok()) return fail(ErrorCode::store_unavailable, status.ToString());
  }
  return {};
}

bool Database::folder_in_place() const {
  struct stat held {};
  struct stat named {};
  if (::fstat(folder_descriptor_, &held) != 0 || ::stat(folder_.c_str(), &named) != 0) return false;
  return held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

bool Database::in_place() const {
  if (!folder_in_place()) return false;
  std::unique_ptr<rocksdb::LogFile> log;
  return db_->GetCurrentWalFile(&log).ok();  // asks the file system for its size, by its name
}

Result<void> Database::check_format(WhenMissing when_missing) {
  std::string stored;
  const auto status = db_->Get(rocksdb::ReadOptions(), kFormatKey, &stored);
  if (status.IsNotFound() && when_missing == WhenMissing::create) {
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

StoreTrouble trouble_of(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return StoreTrouble::disk_full;
  if (status.IsCorruption()) return StoreTrouble::store_damaged;
  if (status.IsPathNotFound()) return StoreTrouble::folder_gone;
  // RocksDB has no code for it, only what strerror says.
  const bool read_only = status.ToString().find(std::strerror(EROFS)) != std::string::npos;
  return read_only ? StoreTrouble::disk_read_only : StoreTrouble::write_failed;
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
