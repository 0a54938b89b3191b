// A second descriptor of each log, which writes zeroes ahead of RocksDB's own.
#include "store/rocksdb/zeroed_logs.h"

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

constexpr std::array<char, kZeroedBytes> kZeroes{};

// One log. RocksDB's write thread only, as any file of its.
class ZeroedLog final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  /// `descriptor` is of the same file; below 0 there are no zeroes.
  ZeroedLog(std::unique_ptr<FSWritableFile> file, int descriptor)
      : FSWritableFileOwnerWrapper(std::move(file)), descriptor_(descriptor) {}
  ~ZeroedLog() override { stop_zeroing(); }
  ZeroedLog(const ZeroedLog&) = delete;
  ZeroedLog& operator=(const ZeroedLog&) = delete;

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    zero_behind(data.size());
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& checksum, IODebugContext* debug) override {
    zero_behind(data.size());
    return FSWritableFileOwnerWrapper::Append(data, options, checksum, debug);
  }

 private:
  // Zeroes from where the next `bytes` will end, in time for the sync that follows them.
  void zero_behind(std::size_t bytes) {
    written_ += bytes;
    if (written_ <= zeroed_ || descriptor_ < 0) return;
    const std::uint64_t end = (written_ / kZeroedBytes + 1) * kZeroedBytes;
    const auto wanted = static_cast<ssize_t>(end - written_);
    const auto zeroed =
        ::pwrite(descriptor_, kZeroes.data(), end - written_, static_cast<off_t>(written_));
    // Where the disk has no room for them it may still have for what follows: that will tell.
    if (zeroed != wanted) return stop_zeroing();
    zeroed_ = end;
  }

  void stop_zeroing() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

  int descriptor_;
  std::uint64_t written_ = 0;
  std::uint64_t zeroed_ = 0;
};

class ZeroedLogs final : public rocksdb::FileSystemWrapper {
 public:
  ZeroedLogs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "playhead.zeroed_logs"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    auto made = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (!made.ok() || !is_log(path)) return made;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    *file = std::make_unique<ZeroedLog>(std::move(*file), descriptor);
    return made;
  }

  // Whether a log is at its path is asked after each write (`Database::in_place`). Who asks for a
  // file's times makes the next write change them (Linux 6.13), and the next sync a journal's
  // again.
  IOStatus GetFileSize(const std::string& path, const IOOptions& options, std::uint64_t* bytes,
                       IODebugContext* debug) override {
    struct statx file {};
    if (!is_log(path) || ::statx(AT_FDCWD, path.c_str(), 0, STATX_SIZE, &file) != 0) {
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
