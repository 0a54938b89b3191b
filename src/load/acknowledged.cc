// Keeping promises.
#include "load/acknowledged.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>

namespace playhead {
namespace {

constexpr const char* kLastLine = "end of ";
constexpr const char* kFirstLine = "playhead load: viewer, video, acknowledged position_ms";

// Three numbers with a space between.
bool read_line(const std::string& line, Promise& promise) {
  const char* place = line.data();
  const char* const end = place + line.size();
  for (std::uint32_t* number : {&promise.viewer, &promise.video, &promise.position_ms}) {
    if (number != &promise.viewer && (place == end || *place++ != ' ')) return false;
    const auto [after, wrong] = std::from_chars(place, end, *number);
    if (wrong != std::errc()) return false;
    place = after;
  }
  return place == end;
}

}  // namespace

Acknowledged::Entry& Acknowledged::entry(std::uint32_t viewer, std::uint32_t video) {
  return entries_[(std::uint64_t{viewer} << 32U) | video];
}

void Acknowledged::add(std::uint32_t viewer, std::uint32_t video, std::uint32_t position_ms) {
  Entry& known = entry(viewer, video);
  known.position_ms = position_ms;
}

void Acknowledged::add_doubtful(std::uint32_t viewer, std::uint32_t video,
                                std::uint32_t position_ms) {
  Entry& known = entry(viewer, video);
  known.doubtful_ms = std::min(known.doubtful_ms, position_ms);
}

std::vector<Promise> Acknowledged::promises() const {
  std::vector<Promise> all;
  all.reserve(entries_.size());
  for (const auto& [key, known] : entries_) {
    if (known.position_ms == 0) continue;
    all.push_back({static_cast<std::uint32_t>(key >> 32U), static_cast<std::uint32_t>(key),
                   std::min(known.position_ms, known.doubtful_ms)});
  }
  std::sort(all.begin(), all.end());
  return all;
}

Result<void> write_promises(const std::filesystem::path& file,
                            const std::vector<Promise>& promises) {
  std::ofstream out(file, std::ios::trunc);
  out << kFirstLine << '\n';
  for (const Promise& promise : promises) {
    out << promise.viewer << ' ' << promise.video << ' ' << promise.position_ms << '\n';
  }
  out << kLastLine << promises.size() << '\n';
  out.flush();
  if (out) return {};
  return fail(ErrorCode::internal, file.string() + " cannot be written");
}

Result<std::vector<Promise>> read_promises(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return fail(ErrorCode::invalid_field, file.string() + " cannot be read");
  std::string line;
  if (!std::getline(in, line) || line != kFirstLine) {
    return fail(ErrorCode::invalid_field,
                file.string() + " was not written by playhead load --verify-file");
  }
  std::vector<Promise> promises;
  while (std::getline(in, line) && !line.starts_with(kLastLine)) {
    Promise promise;
    if (!read_line(line, promise)) {
      return fail(
          ErrorCode::invalid_field,
          file.string() + ":" + std::to_string(promises.size() + 2) + ": not three numbers");
    }
    promises.push_back(promise);
  }
  if (line != kLastLine + std::to_string(promises.size())) {
    return fail(ErrorCode::invalid_field,
                file.string() + " was cut short, or written by an earlier version");
  }
  if (std::getline(in, line)) {
    return fail(ErrorCode::invalid_field, file.string() + " has more behind its end");
  }
  return promises;
}

}  // namespace playhead
