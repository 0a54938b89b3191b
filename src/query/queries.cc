// Queries: read, then apply the pure rules.
#include "query/queries.h"

#include <utility>

#include "domain/row.h"

namespace playhead {

Queries::Queries(Store& store, Clock& clock, const Policy& policy, const CursorCodec& cursors)
    : store_(store), clock_(clock), policy_(policy), cursors_(cursors) {}

Result<ResumePoints> Queries::resume_points(ViewerRef viewer,
                                            std::span<const std::string_view> video_ids,
                                            ReadFrom from) const {
  auto read = store_.read(viewer, video_ids, from);
  if (!read) return tl::unexpected(std::move(read.error()));
  ResumePoints answer{std::move(*read), {}, {}};
  for (const StoredRecord& stored : answer.records.records()) {
    const auto point = resume_point(stored.video_id, stored.record, policy_);
    if (point) answer.items.push_back(*point);
  }
  return answer;
}

Result<ResumePoints> Queries::keep_watching(ViewerRef viewer, std::size_t limit,
                                            std::string_view cursor, ReadFrom from) const {
  std::optional<CursorCodec::Place> after;
  if (!cursor.empty()) {
    after = cursors_.open(viewer, cursor);
    if (!after) return fail(ErrorCode::invalid_cursor, "not a cursor of this list", "cursor");
  }
  auto read = store_.read_all(viewer, from);
  if (!read) return tl::unexpected(std::move(read.error()));
  ResumePoints answer{std::move(*read), {}, {}};

  std::vector<Title> titles;
  titles.reserve(answer.records.records().size());
  for (const StoredRecord& stored : answer.records.records()) {
    titles.push_back({stored.video_id, &stored.record});
  }
  std::optional<RowPlace> place;
  if (after) place = *after;
  const Row row = playhead::keep_watching(titles, place, limit, policy_, clock_.now());
  answer.items.reserve(row.items.size());
  for (const Title& title : row.items) {
    answer.items.push_back(*resume_point(title.video_id, *title.record, policy_));
  }
  if (row.more) {
    const Title& last = row.items.back();
    answer.next_cursor = cursors_.seal(viewer, {last.record->playhead->at, last.video_id});
  }
  return answer;
}

}  // namespace playhead
