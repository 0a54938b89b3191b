// What a viewer can ask: resume points, and the keep-watching row.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "domain/policy.h"
#include "domain/resume.h"
#include "query/cursor.h"
#include "store/store.h"

namespace playhead {

constexpr std::size_t kVideosAskedMax = 100;
constexpr std::size_t kRowLimitDefault = 20;
constexpr std::size_t kRowLimitMax = 100;

/// Resume points with the bytes they borrow from. Move only.
struct ResumePoints {
  ViewerRecords records;
  std::vector<ResumePoint> items;
  /// Where the next page starts; nullopt on the last one, and where there are no pages.
  std::optional<std::string> next_cursor;
};

/// Answers from the store by the rules of the domain. Thread safe; the store and the clock outlive
/// it. Every call may answer `would_block` with ReadFrom::memory: ask again, from a thread that may
/// wait, with ReadFrom::anywhere. `store_unavailable` where the store cannot be read.
class Queries {
 public:
  Queries(Store& store, Clock& clock, const Policy& policy, const CursorCodec& cursors);

  /// The resume points of the videos that have one, in the order asked; at most kVideosAskedMax.
  Result<ResumePoints> resume_points(ViewerRef viewer, std::span<const std::string_view> video_ids,
                                     ReadFrom from) const;

  /// A page of the row: `limit` in 1..kRowLimitMax, `cursor` from the page before or "".
  /// `invalid_cursor` where it is not one of this viewer's; trying again does not help.
  Result<ResumePoints> keep_watching(ViewerRef viewer, std::size_t limit, std::string_view cursor,
                                     ReadFrom from) const;

 private:
  Store& store_;
  Clock& clock_;
  const Policy policy_;
  const CursorCodec& cursors_;
};

}  // namespace playhead
