// Resume points as JSON.
#pragma once

#include <string>

#include "domain/resume.h"
#include "query/queries.h"

namespace playhead {

/// One resume point: {"video_id": …, "state": …, …}; what is not known is left out.
std::string resume_json(const ResumePoint& point);

enum class ListKind : std::uint8_t { resume_points, row };

/// {"items": [ … ]}; for the row also each item's "kind" and "next_cursor" (null on the last page).
std::string resume_list_json(const ResumePoints& points, ListKind kind);

}  // namespace playhead
