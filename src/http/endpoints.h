// The endpoints of the API table, by room of the domain.
#pragma once

#include "http/router.h"

namespace playhead::endpoints {

// endpoints_progress.cc: reports and resume points.
Outcome report_progress(Exchange& exchange);
Outcome report_progress_batch(Exchange& exchange);
Outcome get_resume_point(Exchange& exchange);
Outcome get_resume_points(Exchange& exchange);

// endpoints_row.cc: the keep-watching row.
Outcome get_keep_watching(Exchange& exchange);

// endpoints_acts.cc: what a viewer does on purpose.
Outcome forget_progress(Exchange& exchange);
Outcome hide_from_row(Exchange& exchange);
Outcome unhide_in_row(Exchange& exchange);
Outcome mark_watched(Exchange& exchange);
Outcome unmark_watched(Exchange& exchange);
Outcome erase_viewer(Exchange& exchange);

// endpoints_demo.cc: the demo's page and its sign-in.
Outcome get_demo_asset(Exchange& exchange);
Outcome sign_in_demo_viewer(Exchange& exchange);

// endpoints_operations.cc: health and metrics.
Outcome get_livez(Exchange& exchange);
Outcome get_readyz(Exchange& exchange);
Outcome get_metrics(Exchange& exchange);

}  // namespace playhead::endpoints
