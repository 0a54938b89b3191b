// The commit queue and its chunks.
#include "command/commit_queue.h"

#include <cstring>

namespace playhead {
namespace {

std::size_t text_bytes(const Command& command) {
  if (const auto* report = std::get_if<Report>(&command)) {
    const std::size_t series = report->series ? report->series->id.size() : 0;
    return report->video_id.size() + report->profile.size() + report->session.size() +
           report->device.size() + series;
  }
  if (const auto* act = std::get_if<VideoAct>(&command)) {
    return act->profile.size() + act->video_id.size();
  }
  return std::get<EraseAct>(command).profile.value_or("").size();
}

}  // namespace

std::size_t bytes_of(ViewerRef viewer, const Command& command) {
  return sizeof(CommitEntry) + viewer.account.size() + text_bytes(command);
}

CommitChunk::CommitChunk()
    : first_(std::make_unique_for_overwrite<std::byte[]>(kArenaBytes)),
      arena_(first_.get(), kArenaBytes) {}

std::string_view CommitChunk::keep(std::string_view text) {
  if (text.empty()) return {};
  auto* place = static_cast<char*>(arena_.allocate(text.size(), 1));
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

void CommitChunk::add(ViewerRef viewer, const Command& command, const ReceivedAt& received_at) {
  if (entries.empty()) opened_at = received_at.steady;
  bytes += bytes_of(viewer, command);
  CommitEntry& entry = entries.emplace_back(CommitEntry{{}, command, received_at.wall});
  entry.viewer.account = keep(viewer.account);
  if (auto* report = std::get_if<Report>(&entry.command)) {
    report->video_id = keep(report->video_id);
    report->profile = keep(report->profile);
    report->session = keep(report->session);
    report->device = keep(report->device);
    if (report->series) report->series->id = keep(report->series->id);
  } else if (auto* act = std::get_if<VideoAct>(&entry.command)) {
    act->profile = keep(act->profile);
    act->video_id = keep(act->video_id);
  } else if (auto& profile = std::get<EraseAct>(entry.command).profile) {
    profile = keep(*profile);
  }
  entry.viewer.profile = profile_of(entry.command);
}

void CommitChunk::clear() {
  entries.clear();
  waiting.clear();
  bytes = 0;
  outcome = {};
  arena_.release();
}

Result<void> CommitQueue::reserve(std::size_t entries, std::size_t bytes, Priority priority,
                                  std::chrono::steady_clock::time_point now) {
  if (closed_.load(std::memory_order_relaxed)) return fail(ErrorCode::shutting_down);
  const bool ordinary = priority == Priority::ordinary;
  if (ordinary && too_old(now)) {
    return fail(ErrorCode::queue_full, "the oldest waiting report waits too long");
  }
  const std::size_t usable_percent = ordinary ? 100 - limits_.reserve_percent : 100;
  const std::size_t entries_max = limits_.queue_entries_max * usable_percent / 100;
  const std::size_t bytes_max = limits_.queue_bytes_max * usable_percent / 100;
  const std::size_t entries_now = entries_.fetch_add(entries, std::memory_order_relaxed) + entries;
  const std::size_t bytes_now = bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (entries_now <= entries_max && bytes_now <= bytes_max) return {};
  entries_.fetch_sub(entries, std::memory_order_relaxed);
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  return fail(ErrorCode::queue_full, "too many reports wait to be written");
}

bool CommitQueue::too_old(std::chrono::steady_clock::time_point now) const {
  const auto oldest = oldest_.load(std::memory_order_relaxed);
  if (oldest == 0) return false;
  const std::chrono::steady_clock::time_point since{std::chrono::steady_clock::duration(oldest)};
  return now - since > limits_.queue_age_max;
}

std::unique_ptr<CommitChunk> CommitQueue::push(std::unique_ptr<CommitChunk> chunk) {
  bool was_empty = false;
  {
    const std::scoped_lock lock(mutex_);
    if (drained_) return chunk;
    was_empty = waiting_.empty();
    waiting_.push_back(std::move(chunk));
  }
  if (was_empty) some_.notify_one();
  return nullptr;
}

std::vector<std::unique_ptr<CommitChunk>> CommitQueue::take() {
  std::vector<std::unique_ptr<CommitChunk>> taken;
  std::unique_lock lock(mutex_);
  some_.wait(lock, [&] { return !waiting_.empty() || closed_.load(); });
  std::size_t entries = 0;
  std::size_t count = 0;
  while (count < waiting_.size() && (count == 0 || entries < limits_.batch_entries_max)) {
    entries += waiting_[count]->entries.size();
    ++count;
  }
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  taken.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  drained_ = taken.empty();
  if (!taken.empty()) {
    oldest_.store(taken.front()->opened_at.time_since_epoch().count(), std::memory_order_relaxed);
  }
  return taken;
}

void CommitQueue::release(const std::vector<std::unique_ptr<CommitChunk>>& chunks) {
  std::size_t entries = 0;
  std::size_t bytes = 0;
  for (const auto& chunk : chunks) {
    entries += chunk->entries.size();
    bytes += chunk->bytes;
  }
  entries_.fetch_sub(entries, std::memory_order_relaxed);
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  oldest_.store(0, std::memory_order_relaxed);
}

void CommitQueue::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_.store(true);
  }
  some_.notify_all();
}

}  // namespace playhead
