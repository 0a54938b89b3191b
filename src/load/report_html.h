// The result of a run as a page: self-contained, light and dark, to be looked at.
#pragma once

#include <string>
#include <vector>

#include "load/options.h"
#include "load/results.h"

namespace playhead {

/// One HTML document that asks for nothing else. `missed` are sentences of an SLO, or none.
std::string load_html(const LoadOptions& options, const LoadResult& result,
                      const std::vector<std::string>& missed);

}  // namespace playhead
