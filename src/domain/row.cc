// Building the keep-watching row.
#include "domain/row.h"

#include <algorithm>
#include <unordered_map>

#include "domain/lines.h"
#include "domain/resume.h"

namespace playhead {
namespace {

RowPlace place_of(const Title& title) {
  return {title.record->playhead->at, title.video_id};
}

std::string_view series_of(const Record& record) {
  const auto& from = record.playhead ? record.playhead : record.opening;
  return from && from->series ? from->series->id : std::string_view{};
}

// What a series has in the row: its newest listable episode, and the newest word on hiding it.
struct SeriesEntry {
  Title newest;
  std::optional<Hidden> hidden;
};

bool is_hidden(const std::optional<Hidden>& hidden, const Title& title) {
  return hidden && hidden->yes && title.record->playhead->at <= hidden->at;
}

}  // namespace

bool stands_before(const RowPlace& a, const RowPlace& b) {
  if (a.watched_at != b.watched_at) return a.watched_at > b.watched_at;
  return a.video_id < b.video_id;
}

bool listable(const Record& record, const Policy& policy, Instant now) {
  if (!record.playhead || now.ms - record.playhead->at.ms > policy.row_window_ms) return false;
  const Extent extent = extent_of(*record.playhead);
  // A live stream has no extent: nothing to draw a progress bar of, and no place to go back to.
  if (!has_percent(extent)) return false;
  if (extent.duration_ms && *extent.duration_ms < policy.short_title_ms) return false;
  return state_of(record, policy) == State::in_progress;
}

Row keep_watching(const std::vector<Title>& titles, const std::optional<RowPlace>& after,
                  std::size_t limit, const Policy& policy, Instant now) {
  std::unordered_map<std::string_view, SeriesEntry> by_series;
  std::vector<Title> listed;
  for (const Title& title : titles) {
    const Record& record = *title.record;
    const bool can_list = listable(record, policy, now);
    const std::string_view series = series_of(record);
    if (series.empty()) {
      if (can_list && !is_hidden(record.hidden, title)) listed.push_back(title);
      continue;
    }
    SeriesEntry& entry = by_series[series];
    entry.hidden = std::max(entry.hidden, record.hidden);
    if (!can_list) continue;
    if (entry.newest.record == nullptr || stands_before(place_of(title), place_of(entry.newest))) {
      entry.newest = title;
    }
  }
  for (const auto& [series, entry] : by_series) {
    if (entry.newest.record == nullptr || is_hidden(entry.hidden, entry.newest)) continue;
    listed.push_back(entry.newest);
  }
  if (after) {
    std::erase_if(listed, [&](const Title& t) { return !stands_before(*after, place_of(t)); });
  }
  const std::size_t count = std::min(limit, listed.size());
  const auto before = [](const Title& a, const Title& b) {
    return stands_before(place_of(a), place_of(b));
  };
  // Not partial_sort: ids often ascend with time, and then each title would go through its heap.
  const auto end = listed.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(listed.begin(), end, listed.end(), before);
  std::sort(listed.begin(), end, before);
  Row row;
  row.more = listed.size() > count;
  listed.resize(count);
  row.items = std::move(listed);
  return row;
}

}  // namespace playhead
