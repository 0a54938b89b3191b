// A search for each number of threads, and the plan from it.
#include "app/capacity_command.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <thread>

#include <CLI/CLI.hpp>
#include <sched.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "app/footprint.h"
#include "app/load_command.h"
#include "app/server_process.h"
#include "app/settings_forms.h"
#include "app/version.h"
#include "base/clock.h"
#include "load/capacity_html.h"
#include "load/knee.h"
#include "load/load_run.h"
#include "load/slo.h"

namespace playhead {
namespace {

// More viewers make no difference to a server whose token cache is smaller, and take long to mint.
constexpr std::uint32_t kViewersMax = 200'000;
// What an overloaded server has not answered by then was missed anyway.
constexpr std::int64_t kTimeoutMs = 2'000;

// A signal's handler may touch nothing else.
std::atomic<bool> stop_asked{false};

tl::unexpected<Error> stopped() {
  return fail(ErrorCode::internal, "stopped by a signal");
}

int refuse(std::string_view command, std::string_view why) {
  std::cerr << "playhead " << command << ": " << why << '\n';
  return 1;
}

std::vector<int> cores_here() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
  }
  return cores;
}

std::string machine_here() {
  std::ifstream info("/proc/cpuinfo");
  std::string model = "an unknown CPU";
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  utsname system{};
  uname(&system);
  return std::to_string(cores_here().size()) + " cores of " + model + ", Linux " + system.release;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &utc);
  return text;
}

// A folder for data folders: beside the reader, since /tmp is a RAM disk on many machines, and a
// sync there is free. Removed with the object.
class WorkFolder {
 public:
  explicit WorkFolder(const std::string& parent) {
    std::string name = (parent.empty() ? std::string(".") : parent) + "/playhead-capacity-XXXXXX";
    if (::mkdtemp(name.data()) != nullptr) path_ = std::filesystem::absolute(name);
  }
  ~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Runs loads at one server, and adds up what they sent.
class Measuring {
 public:
  Measuring(LoadOptions options, TokenOf token_of, Slo slo, const ServerProcess* server)
      : options_(std::move(options)),
        token_of_(std::move(token_of)),
        slo_(std::move(slo)),
        server_(server) {}

  Result<CapacityRun> operator()(double rate_per_s) {
    options_.rate_per_s = rate_per_s;
    options_.viewers = std::min(viewers_for(rate_per_s, options_.beat_ms), kViewersMax);
    const double cpu_before_s = server_ == nullptr ? 0 : server_->numbers().cpu_s;
    const auto outcome = run_load(
        options_, token_of_, clock_, [](const LoadProgress&) {}, stop_asked);
    if (stop_asked.load()) return stopped();
    if (!outcome) return tl::unexpected(outcome.error());
    const LoadResult& result = outcome->result;
    const DigitHistogram latency_us = result.latency_us();
    CapacityRun run;
    run.rate_per_s = rate_per_s;
    run.succeeded_per_s =
        static_cast<double>(result.succeeded) * 1e9 / static_cast<double>(result.measured_ns);
    run.p50_us = static_cast<double>(latency_us.value_at(50));
    run.p99_us = static_cast<double>(latency_us.value_at(99));
    run.errors = result.errors();
    run.kept = slo_.missed_by(result).empty();
    run.generator_limited = !generator_limit(result).empty();
    // The warm-up's requests count in both.
    const double sent = run.succeeded_per_s *
                        static_cast<double>(options_.warmup_ms + options_.duration_ms) / 1'000;
    reports_ += sent * (1 - options_.reads_percent / 100);
    if (server_ != nullptr && sent > 0) {
      run.server_cpu_us = (server_->numbers().cpu_s - cpu_before_s) / sent * 1e6;
    }
    std::cerr << "  " << format_count(rate_per_s) << "/s: p50 " << format_us(run.p50_us) << ", p99 "
              << format_us(run.p99_us) << ", " << run.errors << " errors"
              << (run.kept ? "" : ", missed") << (run.generator_limited ? ", generator late" : "")
              << std::endl;
    return run;
  }
  double reports() const { return reports_; }

 private:
  LoadOptions options_;
  TokenOf token_of_;
  Slo slo_;
  const ServerProcess* server_;
  SystemClock clock_;
  double reports_ = 0;
};

KneeSearch search_of(const CapacityRequest& request) {
  KneeSearch search;
  search.first_per_s = request.first_per_s;
  search.most_per_s = request.most_per_s;
  search.repeats = request.repeats;
  return search;
}

// All that a search needs but a server.
struct Prepared {
  LoadOptions options;
  Slo slo;
};

Result<Prepared> prepare(const CapacityRequest& request) {
  Prepared prepared{request.options, {}};
  prepared.options.timeout_ms = kTimeoutMs;
  const auto duration_ms = parse_number(SettingKind::duration, request.duration);
  const auto warmup_ms = parse_number(SettingKind::duration, request.warmup);
  if (!duration_ms || !warmup_ms || *duration_ms < 100 || *duration_ms > kHourMs ||
      *warmup_ms > kHourMs) {
    return fail(ErrorCode::invalid_field, "--duration and --warmup must be durations such as 5s");
  }
  prepared.options.duration_ms = *duration_ms;
  prepared.options.warmup_ms = *warmup_ms;
  auto slo = parse_slo(request.slo);
  if (!slo) return tl::unexpected(slo.error());
  prepared.slo = *slo;
  return prepared;
}

// Tokens that outlast any search.
Result<TokenOf> tokens_of(const Settings& settings, const CapacityRequest& request) {
  return load_tokens(settings, {request.tokens_file}, kDayMs);
}

Result<ThreadCapacity> search_elsewhere(const Settings& settings, const CapacityRequest& request,
                                        Prepared prepared) {
  auto target = parse_target(request.target, request.allow_remote);
  if (!target) return tl::unexpected(target.error());
  prepared.options.target = *target;
  auto token_of = tokens_of(settings, request);
  if (!token_of) return tl::unexpected(token_of.error());
  Measuring measuring(prepared.options, *token_of, prepared.slo, nullptr);
  return find_knee(std::ref(measuring), search_of(request));
}

// A server with so many threads on as many cores, the generator on the others, where there are any.
Result<ThreadCapacity> search_own(Settings settings, const CapacityRequest& request,
                                  Prepared prepared, unsigned threads,
                                  const std::filesystem::path& folder, Footprint& footprint) {
  const std::vector<int> cores = cores_here();
  const auto split = cores.begin() + std::min<std::ptrdiff_t>(threads, std::ssize(cores));
  const std::vector<int> server_cores(cores.begin(), split);
  std::vector<int> others(split, cores.end());
  const bool shared = others.empty();
  settings.data.folder = folder / ("threads-" + std::to_string(threads));
  auto server = ServerProcess::start(settings.data.folder, threads, server_cores);
  if (!server) return tl::unexpected(server.error());
  const auto token_of = tokens_of(settings, request);
  if (!token_of) return tl::unexpected(token_of.error());
  prepared.options.target = {server->address(), "127.0.0.1"};
  prepared.options.threads = shared ? threads : std::min<std::size_t>(others.size(), threads + 1);
  prepared.options.cores = shared ? server_cores : others;
  Measuring measuring(prepared.options, *token_of, prepared.slo, &*server);
  auto found = find_knee(std::ref(measuring), search_of(request));
  if (!found) return found;
  found->threads = threads;
  found->shared_cores = shared;
  if (threads == 1) {
    const ProcessNumbers after = server->numbers();
    footprint.under_load = after.resident_bytes;
    footprint.written_per_report = after.written_bytes / std::max(1.0, measuring.reports());
  }
  return found;
}

Result<void> measure_own(const Settings& settings, const CapacityRequest& request,
                         const Prepared& prepared, CapacityResult& result) {
  const WorkFolder folder(request.folder);
  if (folder.path().empty()) {
    return fail(ErrorCode::internal, "no folder can be made; give a place with --folder");
  }
  const std::vector<int> cores = cores_here();
  const unsigned most =
      request.threads_max > 0 ? request.threads_max : static_cast<unsigned>(cores.size());
  for (unsigned threads = 1; threads <= most; ++threads) {
    std::cerr << "with " << threads << (threads == 1 ? " thread" : " threads") << std::endl;
    auto found = search_own(settings, request, prepared, threads, folder.path(), result.footprint);
    if (!found) return tl::unexpected(found.error());
    result.threads.push_back(*found);
  }
  std::cerr << "connections and records" << std::endl;
  const FootprintRequest footprint{
      folder.path(), {cores.front()}, request.idle_connections, request.records};
  return measure_footprint(settings, footprint, result.footprint);
}

bool write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream out(path, std::ios::trunc | std::ios::binary);
  out << text;
  out.flush();
  if (!out) std::cerr << "playhead capacity: " << path << " cannot be written\n";
  return out.good();
}

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
  const bool written =
      write_file(request.json_file, capacity_json(result)) &&
      write_file(request.html_file, capacity_html(result, plans, request.assumptions));
  if (!written) return 1;
  if (no_plan.empty()) return 0;
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
  command->add_option("--repeats", request.repeats, "runs of a rate; more than half decide")
      ->check(CLI::Range(1, 15))
      ->capture_default_str();
  command->add_option("--first", request.first_per_s, "first rate, requests a second")
      ->check(CLI::Range(10.0, 1e6))
      ->capture_default_str();
  command->add_option("--most", request.most_per_s, "highest rate that is tried")
      ->check(CLI::Range(10.0, 1e7))
      ->capture_default_str();
  command->add_option("--reads", options.reads_percent, "share of GETs, in percent")
      ->check(CLI::Range(0.0, 95.0))
      ->capture_default_str();
  command->add_option("--connections", options.connections, "of the generator")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  command->add_option("--idle-connections", request.idle_connections, "held to weigh one")
      ->check(CLI::Range(10, 60'000))
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
  const auto prepared = prepare(request);
  if (!prepared) return refuse("capacity", prepared.error().detail);
  // So that the folder goes, and the server in it.
  for (const int signal : {SIGINT, SIGTERM}) {
    std::signal(signal, [](int) { stop_asked.store(true); });
  }
  std::signal(SIGPIPE, SIG_IGN);
  CapacityResult result;
  result.machine = machine_here();
  result.version = "playhead " + std::string(kVersion);
  result.date = today();
  result.slo = request.slo;
  result.reads_percent = request.options.reads_percent;
  result.beat_ms = request.options.beat_ms;
  if (!request.target.empty()) {
    const auto found = search_elsewhere(settings, request, *prepared);
    if (!found) return refuse("capacity", found.error().detail);
    result.threads.push_back(*found);
  } else if (const auto done = measure_own(settings, request, *prepared, result); !done) {
    return refuse("capacity", done.error().detail);
  }
  return tell("capacity", request, result);
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
