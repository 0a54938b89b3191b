// `playhead capacity` and `playhead plan`: what a machine holds, and what an audience needs.
#pragma once

#include "app/capacity_search.h"
#include "app/settings.h"

namespace CLI {
class App;
}

namespace playhead {

/// Adds the subcommands with their options but for those that name settings.
CLI::App* add_capacity_command(CLI::App& cli, CapacityRequest& request);
CLI::App* add_plan_command(CLI::App& cli, CapacityRequest& request);

/// Searches, and prints what was measured and the plan. The exit code: 0; 1 with the reason on
/// standard error; kExitSloMissed where no rate kept the objective.
int run_capacity_command(const Settings& settings, const CapacityRequest& request);

/// Prints the plan of a stored search. The exit code as above.
int run_plan_command(const CapacityRequest& request);

}  // namespace playhead
