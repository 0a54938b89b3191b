// A second descriptor of each log, which writes zeroes ahead of RocksDB's own.
#include "store/rocksdb/zeroed_logs.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <rocksdb/file_system.h>
#include <sys/stat.h>
#include <unistd.h>

namespace playhead::rocks {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// Written in pages: the page cache keeps a write of 256 KiB as one piece, and each later write into
// that counts as so many bytes of the process, though few of them reach the disk (docs/adr/0015).
constexpr std::uint64_t kPageBytes = 4U << 10U;
constexpr std::array<char, kPageBytes> kZeroes{};

bool write_zeroes(int descriptor, std::uint64_t from, std::uint64_t to) {
  while (from < to) {
    const std::uint64_t size = std::min(to, (from / kPageBytes + 1) * kPageBytes) - from;
    const auto written = ::pwrite(descriptor, kZeroes.data(), size, static_cast<off_t>(from));
    if (written != static_cast<ssize_t>(size)) return false;
    from += size;
  }
  return true;
}

// One log. Appended to by one thread at a time, as any file of RocksDB's; destroyed on any.
class ZeroedLog final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  /// `descriptor` is of the same file; below 0 there are no zeroes.
  ZeroedLog(std::unique_ptr<FSWritableFile> file, int descriptor)
      : FSWritableFileOwnerWrapper(std::move(file)), descriptor_(descriptor) {}
  ~ZeroedLog() override { stop_zeroing(); }
  ZeroedLog(const ZeroedLog&) = delete;
  ZeroedLog& operator=(const ZeroedLog&) = delete;

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return zero_ahead(data.size(), FSWritableFileOwnerWrapper::Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& checksum, IODebugContext* debug) override {
    return zero_ahead(data.size(),
                      FSWritableFileOwnerWrapper::Append(data, options, checksum, debug));
  }

 private:
  // After what was written, which is not to lack the room, and in time for the sync that follows.
  IOStatus zero_ahead(std::size_t bytes, IOStatus appended) {
    if (!appended.ok()) return appended;
    written_ += bytes;
    if (written_ <= zeroed_ || descriptor_ < 0) return appended;
    zeroed_ = (written_ / kZeroedBytes + 1) * kZeroedBytes;
    if (!write_zeroes(descriptor_, written_, zeroed_)) stop_zeroing();  // there is no room for them
    return appended;
  }

  void stop_zeroing() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

  int descriptor_;
  std::uint64_t written_ = 0;
  std::uint64_t zeroed_ = 0;
};

// Of a log that was just made; -1 where it is another's by now, and not to be written to.
int second_descriptor(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat file {};
  if (descriptor >= 0 && (::fstat(descriptor, &file) != 0 || file.st_size != 0)) {
    ::close(descriptor);
    return -1;
  }
  return descriptor;
}

class ZeroedLogs final : public rocksdb::FileSystemWrapper {
 public:
  ZeroedLogs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "playhead.zeroed_logs"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    auto made = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (!made.ok() || !is_log(path)) return made;
    *file = std::make_unique<ZeroedLog>(std::move(*file), second_descriptor(path));
    return made;
  }

  // Whether a log is at its path is asked after each write (`Database::in_place`). Who asks for a
  // file's times makes the next write change them (since Linux 6.13), and its sync commit those.
  IOStatus GetFileSize(const std::string& path, const IOOptions& options, std::uint64_t* bytes,
                       IODebugContext* debug) override {
    struct statx file {};
    if (!is_log(path) || ::statx(AT_FDCWD, path.c_str(), 0, STATX_SIZE, &file) != 0 ||
        (file.stx_mask & STATX_SIZE) == 0) {
      return FileSystemWrapper::GetFileSize(path, options, bytes, debug);
    }
    *bytes = file.stx_size;
    return IOStatus::OK();
  }

 private:
  static bool is_log(std::string_view path) { return path.ends_with(".log"); }
};

}  // namespace

std::unique_ptr<rocksdb::Env> zeroed_logs_env() {
  return rocksdb::NewCompositeEnv(std::make_shared<ZeroedLogs>());
}

}  // namespace playhead::rocks
