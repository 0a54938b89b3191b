// Refusing writes after trouble, and taking them again: close, open, which replays what is whole.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "store/rocksdb/database_use.h"

namespace playhead::rocks {
namespace {

using std::chrono::milliseconds;

// Between two tries. It doubles with each time the store is opened, up to the maximum, and starts
// anew after kCalm without trouble: a disk that takes a probe and then fails is not worn out.
constexpr milliseconds kMendPauseMin{1'000};
constexpr milliseconds kMendPauseMax{60'000};
constexpr milliseconds kCalm{300'000};

// What opening writes beside the tables it makes of the log: a MANIFEST, LOG, the next log.
constexpr std::uintmax_t kOpeningBytes = 4U << 20U;

constexpr std::array<char, 4096> kProbe{};

// What an operator is to do; the log's one line of a trouble.
std::string_view advice(StoreTrouble trouble) {
  switch (trouble) {
    case StoreTrouble::disk_full:
      return "the disk is full and no write is taken: make room, and the store goes on by itself; "
             "what was acknowledged is safe, clients send the rest again";
    case StoreTrouble::disk_read_only:
      return "the disk is read-only and no write is taken: see the kernel's log for why, mount it "
             "for writing, and the store goes on by itself; what was acknowledged is safe, clients "
             "send the rest again";
    case StoreTrouble::folder_gone:
      return "files of the store were deleted or moved, and no write is taken: move the folder "
             "back, and the store goes on by itself; where it is gone, stop, restore it from a "
             "backup, start; a restart without it begins with an empty store";
    case StoreTrouble::store_damaged:
      return "a file of the store is damaged and no write is taken: check the disk, then stop, "
             "restore the folder from a backup, start";
    case StoreTrouble::write_failed:
      return "a write or sync failed and no write is taken: see the kernel's log; once the disk "
             "can "
             "be written the store goes on by itself; what was acknowledged is safe, clients send "
             "the rest again";
  }
  std::abort();
}

// The bytes of the write-ahead log: what opening makes tables of at most.
std::uintmax_t log_bytes(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() != ".log") continue;
    std::error_code gone;
    const auto size = it->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

bool fill_and_sync(int file, std::uintmax_t bytes) {
  return ::posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0 &&
         ::pwrite(file, kProbe.data(), kProbe.size(), 0) == static_cast<ssize_t>(kProbe.size()) &&
         ::fsync(file) == 0;
}

// Whether the folder takes as many bytes as opening the store will write.
bool takes_writes(const std::filesystem::path& folder) {
  const auto path = folder / "probe.tmp";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool taken = fill_and_sync(file, log_bytes(folder) + kOpeningBytes);
  ::close(file);
  ::unlink(path.c_str());
  return taken;
}

}  // namespace

Result<void> RocksStore::refuse_writes(StoreTrouble trouble, const std::string& why) {
  {
    const std::scoped_lock lock(trouble_mutex_);
    if (trouble_) return fail(ErrorCode::store_unavailable, "the write failed");
    trouble_ = trouble;
    failed_.store(true, std::memory_order_release);
  }
  log_.write(LogLevel::error, "store_write_failed", advice(trouble),
             {{"trouble", name_of(trouble)}, {"error", std::string_view(why)}});
  return fail(ErrorCode::store_unavailable, "the write failed");
}

std::optional<StoreTrouble> RocksStore::trouble() const {
  if (!failed_.load(std::memory_order_acquire)) return std::nullopt;
  const std::scoped_lock lock(trouble_mutex_);
  return trouble_;
}

void RocksStore::mend() {
  const auto now = std::chrono::steady_clock::now();
  const auto found = trouble();
  if (!found) return;
  // Damage does not go away, and opening again would only cost the reads that still work.
  if (*found == StoreTrouble::store_damaged || now < next_mend_) return;
  next_mend_ = now + kMendPauseMin;
  if (*found == StoreTrouble::folder_gone) return go_on_in_place();
  if (!takes_writes(folder_)) return;
  if (now - reopened_at_ > kCalm) mend_pause_ = kMendPauseMin;
  reopen();
  reopened_at_ = std::chrono::steady_clock::now();
  next_mend_ = reopened_at_ + mend_pause_;
  mend_pause_ = std::min(2 * mend_pause_, kMendPauseMax);
}

// The writes themselves were well; it is their files that were taken away. What was acknowledged is
// in memory, and a folder that somebody is restoring may be there in part: so nothing is opened
// again. A folder that was moved back is as it was, and what a lost log held becomes a table.
void RocksStore::go_on_in_place() {
  if (!database_ || !database_->folder_in_place()) return;
  if (!database_->in_place() && (!database_->flush() || !database_->in_place())) return;
  {
    const std::scoped_lock lock(trouble_mutex_);
    if (trouble_ != StoreTrouble::folder_gone) return;
    trouble_.reset();
    failed_.store(false, std::memory_order_release);
  }
  tell_mended();
}

void RocksStore::tell_mended() {
  times_mended_.fetch_add(1, std::memory_order_relaxed);
  log_.write(LogLevel::info, "store_mended", "what was in the way is gone: writes are taken again");
}

void RocksStore::reopen() {
  closing_.store(true, std::memory_order_release);
  const std::unique_lock lock(database_mutex_);
  database_.reset();
  const auto opened = open_database(WhenMissing::refuse);
  closing_.store(false, std::memory_order_release);
  if (!opened) {
    if (!std::exchange(reopen_failure_told_, true)) {
      log_.write(LogLevel::error, "store_reopen_failed",
                 "the store was closed to take writes again and cannot be opened: reads fail, too. "
                 "It is tried again by itself",
                 {{"error", std::string_view(opened.error().detail)}});
    }
    return;
  }
  reopen_failure_told_ = false;
  tell_mended();
}

}  // namespace playhead::rocks
