// From the command line to a search, and from its result to plans, files and an exit code.
#include "app/capacity_command.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>

#include "app/command_output.h"
#include "app/load_command.h"
#include "app/stop_signals.h"
#include "load/capacity_html.h"

namespace playhead {
namespace {

// Prints and writes the plans that a result carries; the exit code.
int tell(std::string_view command, const CapacityRequest& request, const CapacityResult& result) {
  std::vector<Plan> plans;
  std::string no_plan;
  std::vector<std::uint64_t> audiences = request.audiences;
  if (audiences.empty()) audiences = {100'000, 1'000'000, 10'000'000};
  for (const std::uint64_t audience : audiences) {
    const auto plan = plan_for(result, audience, request.assumptions);
    if (plan) plans.push_back(*plan);
    if (!plan) no_plan = plan.error().detail;
  }
  std::cout << plan_text(result, plans, request.assumptions) << std::flush;
  // Each by itself: what one cannot have, the other may.
  const bool json = write_file(command, request.json_file, capacity_json(result));
  const bool html =
      write_file(command, request.html_file, capacity_html(result, plans, request.assumptions));
  if (!json || !html) return 1;
  if (no_plan.empty()) return 0;
  if (!result.threads.empty() &&
      std::ranges::all_of(result.threads, [](const auto& one) { return one.knee_per_s <= 0; })) {
    refuse(command, "no rate kept " + result.slo);
    return kExitSloMissed;
  }
  // Of a server elsewhere only the rate can be known; that was asked for.
  if (!request.target.empty()) return 0;
  return refuse(command, "no plan: " + no_plan);
}

void add_plan_options(CLI::App& command, CapacityRequest& request) {
  PlanAssumptions& assumptions = request.assumptions;
  command
      .add_option("--audience", request.audiences, "viewers at the same time; several may be given")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10'000'000'000}));
  command.add_option("--use", assumptions.use_percent, "percent of the highest rate to plan with")
      ->check(CLI::Range(1.0, 100.0))
      ->capture_default_str();
  command
      .add_option("--use-memory", assumptions.memory_percent,
                  "percent of a container's memory to plan with")
      ->check(CLI::Range(1.0, 100.0))
      ->capture_default_str();
  command
      .add_option("--container-memory", assumptions.container_bytes,
                  "of a container: bytes, or such as 2GiB")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(1e6, 1e15))
      ->default_str("2GiB");
  command.add_option("--hours-a-day", assumptions.hours_a_day, "that a viewer watches")
      ->check(CLI::Range(0.0, 24.0))
      ->capture_default_str();
  command.add_option("--titles-a-day", assumptions.titles_a_day, "that a viewer starts")
      ->check(CLI::Range(0.0, 1'000.0))
      ->capture_default_str();
  command.add_option("--days-kept", assumptions.days_kept, "days that records are kept")
      ->check(CLI::Range(1, 36'500))
      ->capture_default_str();
  command.add_option("--html", request.html_file, "write a page there");
}

}  // namespace

CLI::App* add_capacity_command(CLI::App& cli, CapacityRequest& request) {
  auto* command =
      cli.add_subcommand("capacity", "search what this machine holds; see docs/load.md");
  auto& options = request.options;
  add_plan_options(*command, request);
  command->add_option("--slo", request.slo, "what a rate must keep")->capture_default_str();
  command->add_option("--threads-max", request.threads_max, "threads of the server; 0: a core each")
      ->check(CLI::Range(0, 256));
  command->add_option("--duration", request.duration, "of one run")->capture_default_str();
  command->add_option("--warmup", request.warmup, "before each run")->capture_default_str();
  command->add_option("--repeats", request.repeats, "runs of a rate, odd; more than half decide")
      ->check(CLI::IsMember({1, 3, 5, 7, 9, 11, 13, 15}))
      ->capture_default_str();
  command->add_option("--first", request.first_per_s, "first rate, requests a second")
      ->check(CLI::Range(10.0, 1e6))
      ->capture_default_str();
  command->add_option("--most", request.most_per_s, "highest rate that is tried")
      ->check(CLI::Range(10.0, 1e7))
      ->capture_default_str();
  command->add_option("--reads", options.reads_percent, "share of GETs, in percent")
      ->check(CLI::Range(0.0, kReadsPercentMax))
      ->capture_default_str();
  command->add_option("--connections", options.connections, "of the generator")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  command->add_option("--idle-connections", request.idle_connections, "held to weigh one")
      ->check(CLI::Range(10, 28'000))  // what Linux has local ports for, by default
      ->capture_default_str();
  command->add_option("--records", request.records, "stored to weigh one")
      ->check(CLI::Range(100, 100'000'000))
      ->capture_default_str();
  command->add_option("--folder", request.folder,
                      "where data is kept meanwhile; here if not given");
  command->add_option("--target", request.target, "search a server that runs, at its address");
  command->add_flag("--allow-remote", request.allow_remote, "load another machine than this");
  command->add_option("--tokens", request.tokens_file, "file with a token a line");
  command->add_option("--json", request.json_file, "write the result there, for plan");
  return command;
}

CLI::App* add_plan_command(CLI::App& cli, CapacityRequest& request) {
  auto* command = cli.add_subcommand("plan", "what an audience needs, from a stored capacity run");
  command->add_option("--from", request.from_file, "what capacity --json wrote")->required();
  add_plan_options(*command, request);
  return command;
}

int run_capacity_command(const Settings& settings, const CapacityRequest& request) {
  std::signal(SIGPIPE, SIG_IGN);
  if (!request.target.empty() && !request.audiences.empty()) {
    return refuse("capacity",
                  "--audience: memory and disk of a server elsewhere are not known, so no plan can "
                  "follow; leave out --audience, or --target");
  }
  if (!can_write("capacity", {request.json_file, request.html_file})) return 1;
  const auto result = search_capacity(settings, request, heed_stop_signals());
  if (!result) return refuse("capacity", result.error().detail);
  return tell("capacity", request, *result);
}

int run_plan_command(const CapacityRequest& request) {
  std::ifstream file(request.from_file, std::ios::binary);
  if (!file) return refuse("plan", request.from_file + " cannot be read");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto result = parse_capacity(text);
  if (!result) {
    return refuse(
        "plan", request.from_file + " is not what capacity --json wrote: " + result.error().detail);
  }
  return tell("plan", request, *result);
}

}  // namespace playhead
