// RocksDB's log file, and reading what it says of a damaged write-ahead log.
#include "store/rocksdb/info_log.h"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"

namespace playhead::rocks {
namespace {

constexpr std::size_t kFileBytesMax = 8U << 20U;

// What RocksDB 7.8 says, and nowhere but in its log, of a part of the write-ahead log that it
// leaves out; tests/fault damages a log and sees that it is told.
constexpr std::string_view kDropping = "dropping %d bytes";

class InfoLog final : public rocksdb::Logger {
 public:
  InfoLog(const std::filesystem::path& folder, Log& log)
      : Logger(rocksdb::InfoLogLevel::INFO_LEVEL), path_(folder / "LOG"), log_(log) {
    start_file();
  }
  ~InfoLog() override {
    if (file_ >= 0) ::close(file_);
  }
  InfoLog(const InfoLog&) = delete;
  InfoLog& operator=(const InfoLog&) = delete;

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 1'024> text;
    const int wanted = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (wanted < 0) return;
    const std::string_view line(text.data(), std::min<std::size_t>(wanted, text.size() - 1));
    append(line);
    if (std::string_view(format).find(kDropping) != std::string_view::npos) tell_cut(line);
  }
  std::size_t GetLogFileSize() const override { return kDoNotSupportGetLogFileSize; }

 private:
  void start_file() {
    std::error_code ignored;
    std::filesystem::rename(path_, path_.string() + ".old", ignored);
    if (file_ >= 0) ::close(file_);
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    bytes_ = 0;
  }

  void append(std::string_view line) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    std::tm date{};
    ::gmtime_r(&now.tv_sec, &date);
    std::array<char, 32> stamp;
    const std::size_t size = std::strftime(stamp.data(), stamp.size(), "%FT%TZ ", &date);
    std::string whole(stamp.data(), size);
    whole += line;
    if (whole.back() != '\n') whole += '\n';
    const std::scoped_lock lock(mutex_);
    if (bytes_ + whole.size() > kFileBytesMax) start_file();
    bytes_ += whole.size();
    // A line that is lost is no reason for anything.
    if (file_ >= 0 && ::write(file_, whole.data(), whole.size()) < 0) return;
  }

  void tell_cut(std::string_view line) {
    log_.write(
        LogLevel::warn, "store_log_cut",
        "the write-ahead log ends in a damaged entry, which is dropped with what follows it. "
        "After a power cut this is the write that nobody was answered, and nothing is to be "
        "done; else the disk lost reports: check it",
        {{"error", line}});
  }

  const std::filesystem::path path_;
  Log& log_;
  std::mutex mutex_;
  int file_ = -1;
  std::size_t bytes_ = 0;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> info_log(const std::filesystem::path& folder, Log& log) {
  return std::make_shared<InfoLog>(folder, log);
}

}  // namespace playhead::rocks
