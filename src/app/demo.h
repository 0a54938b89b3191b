// `playhead demo`: the server with a page to try it on.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/settings.h"
#include "http/demo.h"

namespace playhead {

/// What the demo changes of the settings' defaults, weaker than whatever the operator gives.
std::vector<std::pair<std::string, std::string>> demo_defaults();

/// The demo's page, and tokens for its two viewers signed with `key` (raw bytes).
std::unique_ptr<const Demo> make_demo(const std::string& key, const AuthSettings& auth);

/// Serves until a stop signal, as `serve` does. Refuses an address that others can reach, unless
/// `any_address`: whoever reaches it may sign in. The exit code.
int serve_demo(const Settings& settings, bool any_address);

}  // namespace playhead
