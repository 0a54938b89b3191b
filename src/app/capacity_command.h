// `playhead capacity` and `playhead plan`: what a machine holds, and what an audience needs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/settings.h"
#include "load/options.h"
#include "load/plan.h"

namespace CLI {
class App;
}

namespace playhead {

/// What the command line says; durations are texts such as 5s.
struct CapacityRequest {
  LoadOptions options;
  PlanAssumptions assumptions;
  std::vector<std::uint64_t> audiences;
  /// "": a server of our own is started, for each number of threads.
  std::string target;
  bool allow_remote = false;
  std::string tokens_file;
  unsigned threads_max = 0;  ///< 0: one for each core
  std::string duration = "5s";
  std::string warmup = "1s";
  std::string slo = "p99=30ms,errors=0";
  unsigned repeats = 3;
  double first_per_s = 5'000;
  double most_per_s = 4e6;
  std::uint32_t idle_connections = 5'000;
  std::uint32_t records = 1'000'000;
  std::string folder;  ///< "": one in the working directory, removed afterwards
  std::string json_file;
  std::string html_file;
  std::string from_file;  ///< of `plan`
};

/// Adds the subcommands with their options but for those that name settings.
CLI::App* add_capacity_command(CLI::App& cli, CapacityRequest& request);
CLI::App* add_plan_command(CLI::App& cli, CapacityRequest& request);

/// Searches, and prints what was measured and the plan. The exit code: 0, or 1 with the reason on
/// standard error.
int run_capacity_command(const Settings& settings, const CapacityRequest& request);

/// Prints the plan of a stored search. The exit code as above.
int run_plan_command(const CapacityRequest& request);

}  // namespace playhead
