// The keep-watching row: which titles are in it, in which order, and one entry a series.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/policy.h"
#include "domain/record.h"

namespace playhead {

/// A place in the row: the order is newest playhead first, then video id. Borrows its id.
struct RowPlace {
  Instant watched_at;
  std::string_view video_id;
};

/// True where `a` stands before `b` in the row.
bool stands_before(const RowPlace& a, const RowPlace& b);

/// One title of a viewer: its id, and its record as readers see it (`without`).
struct Title {
  std::string_view video_id;
  const Record* record = nullptr;
};

/// Whether a title can be listed on its own account: started, unfinished, with a known extent, not
/// short, and watched within the window. Hiding and series are the row's concern.
bool listable(const Record& record, const Policy& policy, Instant now);

struct Row {
  std::vector<Title> items;
  /// True where more titles follow the last item.
  bool more = false;
};

/// Up to `limit` (>= 1) titles that stand after `after`: newest playhead first; of a series only
/// its newest started, unfinished episode; none that is hidden and has not moved since (hiding an
/// episode hides its series). Pure; O(n log n) in the viewer's titles.
Row keep_watching(const std::vector<Title>& titles, const std::optional<RowPlace>& after,
                  std::size_t limit, const Policy& policy, Instant now);

}  // namespace playhead
