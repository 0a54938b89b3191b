// Reads /proc/self (proc(5)) and getrusage(2).
#include "telemetry/process_stats.h"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace playhead {
namespace {

std::string content_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The number in the `index`-th of the fields that single spaces separate.
std::optional<std::uint64_t> number_at(std::string_view text, int index) {
  for (; index > 0; --index) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    text.remove_prefix(space + 1);
  }
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> resident_bytes() {
  const auto pages = number_at(content_of("/proc/self/statm"), 1);
  if (!pages) return std::nullopt;
  return *pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::optional<double> cpu_seconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return std::nullopt;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::optional<std::uint64_t> open_fds() {
  // Since Linux 6.2 the size of the folder is the number of descriptors; before, it is 0.
  struct stat folder {};
  if (stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0) {
    return static_cast<std::uint64_t>(folder.st_size);
  }
  DIR* entries = opendir("/proc/self/fd");
  if (entries == nullptr) return std::nullopt;
  std::uint64_t count = 0;
  // Each call has its own DIR, which is all that readdir(3) asks for.
  while (const dirent* entry = readdir(entries)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(entries);
  return count - 1;  // the folder's own
}

std::optional<std::uint64_t> max_fds() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return limit.rlim_cur;
}

std::optional<double> start_time_seconds() {
  const std::string stat = content_of("/proc/self/stat");
  // The second field is the command's name in brackets, which may hold spaces and brackets; the
  // start, in ticks since boot, is the 22nd, and so the 20th of those that follow it.
  const auto name_end = stat.rfind(") ");
  if (name_end == std::string::npos) return std::nullopt;
  const auto ticks = number_at(std::string_view(stat).substr(name_end + 2), 19);
  const std::string machine = content_of("/proc/stat");
  const auto boot = machine.find("\nbtime ");
  if (!ticks || boot == std::string::npos) return std::nullopt;
  const auto boot_seconds = number_at(std::string_view(machine).substr(boot), 1);
  if (!boot_seconds) return std::nullopt;
  return static_cast<double>(*boot_seconds) +
         static_cast<double>(*ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

template <typename T>
void append(Exposition& out, std::string_view name, MetricType type, std::string_view help,
            const std::optional<T>& value) {
  if (!value) return;
  out.family(name, type, help);
  out.sample(*value);
}

}  // namespace

void append_process_stats(Exposition& out) {
  using enum MetricType;
  append(out, "process_resident_memory_bytes", gauge, "Memory that is held in RAM.",
         resident_bytes());
  append(out, "process_cpu_seconds_total", counter, "User and system CPU time spent.",
         cpu_seconds());
  append(out, "process_open_fds", gauge, "Open file descriptors.", open_fds());
  append(out, "process_max_fds", gauge, "Most file descriptors that may be open.", max_fds());
  append(out, "process_start_time_seconds", gauge, "Start of the process since the Unix epoch.",
         start_time_seconds());
}

}  // namespace playhead
