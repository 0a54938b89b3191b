// The whole API on one screen; docs/api/openapi.yaml says the same, and a test compares them.
#include "http/routes.h"

#include <algorithm>
#include <array>

#include "http/endpoints.h"

namespace playhead {
namespace {

using namespace endpoints;

// Each erasure leaves a range tombstone that every read of the store passes until a flush; at the
// default budget an account has ten at once, and one a second from then on.
constexpr unsigned kErasureCost = 50;

// The hot path stands first: a match ends the search.
constexpr std::array kPublic = {
    Route{Method::post, "/v1/progress", "report_progress", Needs::token, Body::report,
          report_progress},
    Route{Method::post, "/v1/progress/batch", "report_progress_batch", Needs::token, Body::batch,
          report_progress_batch},
    Route{Method::get, "/v1/progress", "get_resume_points", Needs::token, Body::none,
          get_resume_points},
    Route{Method::get, "/v1/progress/{video_id}", "get_resume_point", Needs::token, Body::none,
          get_resume_point},
    Route{Method::del, "/v1/progress/{video_id}", "forget_progress", Needs::token, Body::none,
          forget_progress},
    Route{Method::get, "/v1/keep-watching", "get_keep_watching", Needs::token, Body::none,
          get_keep_watching},
    Route{Method::del, "/v1/keep-watching/{video_id}", "hide_from_row", Needs::token, Body::none,
          hide_from_row},
    Route{Method::put, "/v1/keep-watching/{video_id}", "unhide_in_row", Needs::token, Body::none,
          unhide_in_row},
    Route{Method::put, "/v1/watched/{video_id}", "mark_watched", Needs::token, Body::none,
          mark_watched},
    Route{Method::del, "/v1/watched/{video_id}", "unmark_watched", Needs::token, Body::none,
          unmark_watched},
    Route{Method::del, "/v1/me", "erase_viewer", Needs::token, Body::none, erase_viewer,
          kErasureCost},
    Route{Method::get, "/livez", "get_livez", Needs::nothing, Body::none, get_livez},
    Route{Method::get, "/readyz", "get_readyz", Needs::nothing, Body::none, get_readyz},
};

// Only in the table of `playhead demo`, and so not in the API's document.
constexpr std::array kDemo = {
    Route{Method::get, "/demo", "get_demo_page", Needs::nothing, Body::none, get_demo_asset},
    Route{Method::get, "/demo/{file}", "get_demo_file", Needs::nothing, Body::none, get_demo_asset},
    Route{Method::get, "/demo/sdk/{file}", "get_demo_sdk", Needs::nothing, Body::none,
          get_demo_asset},
    Route{Method::post, "/demo/sign-in/{viewer}", "sign_in_demo_viewer", Needs::nothing, Body::none,
          sign_in_demo_viewer},
};

constexpr auto kPublicAndDemo = [] {
  std::array<Route, kPublic.size() + kDemo.size()> all{};
  std::copy(kDemo.begin(), kDemo.end(), std::copy(kPublic.begin(), kPublic.end(), all.begin()));
  return all;
}();

constexpr std::array kAdmin = {
    Route{Method::get, "/livez", "get_livez", Needs::nothing, Body::none, get_livez},
    Route{Method::get, "/readyz", "get_readyz", Needs::nothing, Body::none, get_readyz},
    Route{Method::get, "/metrics", "get_metrics", Needs::nothing, Body::none, get_metrics},
};

}  // namespace

std::span<const Route> public_routes() {
  return kPublic;
}
std::span<const Route> public_and_demo_routes() {
  return kPublicAndDemo;
}
std::span<const Route> admin_routes() {
  return kAdmin;
}

}  // namespace playhead
