// Searching, with the servers that are searched.
#include "app/capacity_search.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <functional>
#include <iostream>
#include <utility>

#include <stdlib.h>

#include "app/descriptors.h"
#include "app/footprint.h"
#include "app/load_command.h"
#include "app/machine.h"
#include "app/server_process.h"
#include "app/settings_forms.h"
#include "app/stop_signals.h"
#include "app/version.h"
#include "base/clock.h"
#include "load/knee.h"
#include "load/load_run.h"
#include "load/slo.h"

namespace playhead {
namespace {

// More viewers make no difference to a server whose token cache is smaller, and take long to mint.
constexpr std::uint32_t kSearchViewersMax = 200'000;
// What an overloaded server has not answered by then was missed anyway, unless the objective allows
// as much.
constexpr std::int64_t kTimeoutMsMin = 2'000;
constexpr std::int64_t kTimeoutMsMax = 120'000;

std::int64_t timeout_ms_for(const Slo& slo) {
  std::uint64_t most_us = slo.mean_most_us.value_or(0);
  for (const Slo::Latency& limit : slo.latencies) most_us = std::max(most_us, limit.most_us);
  return std::clamp(static_cast<std::int64_t>(2 * most_us / 1'000), kTimeoutMsMin, kTimeoutMsMax);
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

// Runs loads at one server.
class Measuring {
 public:
  Measuring(LoadOptions options, TokenOf token_of, Slo slo, const std::atomic<bool>& stop_asked,
            const ServerProcess* server)
      : options_(std::move(options)),
        token_of_(std::move(token_of)),
        slo_(std::move(slo)),
        stop_asked_(stop_asked),
        server_(server) {}

  Result<CapacityRun> operator()(double rate_per_s) {
    options_.rate_per_s = rate_per_s;
    options_.viewers = std::min(viewers_for(rate_per_s, options_.beat_ms), kSearchViewersMax);
    const ProcessNumbers before = server_ == nullptr ? ProcessNumbers{} : server_->numbers();
    const auto outcome = run_load(
        options_, token_of_, clock_, [](const LoadProgress&) {}, stop_asked_);
    if (stop_asked_.load()) return stopped_by_signal();
    if (!outcome) return tl::unexpected(outcome.error());
    const LoadResult& result = outcome->result;
    const DigitHistogram latency_us = result.latency_us();
    CapacityRun run;
    run.rate_per_s = rate_per_s;
    run.succeeded_per_s = result.in_time_per_s();
    run.p50_us = static_cast<double>(latency_us.value_at(50));
    run.p99_us = static_cast<double>(latency_us.value_at(99));
    run.errors = result.errors();
    run.kept = slo_.missed_by(result).empty();
    run.generator_limited = !generator_limit(result).empty();
    // The warm-up's requests count in both.
    const double sent = static_cast<double>(result.succeeded) *
                        static_cast<double>(options_.warmup_ms + options_.duration_ms) /
                        static_cast<double>(options_.duration_ms);
    if (server_ != nullptr && sent > 0) {
      const ProcessNumbers after = server_->numbers();
      const double reports = sent * (1 - options_.reads_percent / 100);
      run.server_cpu_us = std::max(0.0, after.cpu_s - before.cpu_s) / sent * 1e6;
      run.written_bytes = std::max(0.0, after.written_bytes - before.written_bytes) / reports;
    }
    std::cerr << "  " << format_count(rate_per_s) << "/s: p50 " << format_us(run.p50_us) << ", p99 "
              << format_us(run.p99_us) << ", " << run.errors << " errors"
              << (run.kept ? "" : ", missed") << (run.generator_limited ? ", generator late" : "")
              << std::endl;
    return run;
  }

 private:
  LoadOptions options_;
  TokenOf token_of_;
  Slo slo_;
  const std::atomic<bool>& stop_asked_;
  const ServerProcess* server_;
  SystemClock clock_;
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
  const std::atomic<bool>& stop_asked;
};

Result<Prepared> prepare(const CapacityRequest& request, const std::atomic<bool>& stop_asked) {
  Prepared prepared{request.options, {}, stop_asked};
  prepared.options.connections = std::min(prepared.options.connections, connections_to_child());
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
  prepared.options.timeout_ms = timeout_ms_for(*slo);
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
  Measuring measuring(prepared.options, *token_of, prepared.slo, prepared.stop_asked, nullptr);
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
  Measuring measuring(prepared.options, *token_of, prepared.slo, prepared.stop_asked, &*server);
  auto found = find_knee(std::ref(measuring), search_of(request));
  if (!found) return found;
  found->threads = threads;
  found->shared_cores = shared;
  if (threads == 1) footprint.under_load = server->numbers().resident_bytes;
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
  if (cores.size() == 1) {
    std::cerr << "one core: the generator shares it, so no plan can follow" << std::endl;
  }
  for (unsigned threads = 1; threads <= most; ++threads) {
    std::cerr << "with " << threads << (threads == 1 ? " thread" : " threads") << std::endl;
    auto found = search_own(settings, request, prepared, threads, folder.path(), result.footprint);
    if (!found) return tl::unexpected(found.error());
    result.threads.push_back(*found);
  }
  std::cerr << "connections and records" << std::endl;
  const FootprintRequest footprint{
      folder.path(), {cores.front()}, request.idle_connections, request.records};
  const auto measured =
      measure_footprint(settings, footprint, prepared.stop_asked, result.footprint);
  if (prepared.stop_asked.load()) return stopped_by_signal();
  // The search took minutes, and is worth keeping.
  if (!measured) std::cerr << "  not measured: " << measured.error().detail << std::endl;
  return {};
}

}  // namespace

Result<CapacityResult> search_capacity(const Settings& settings, const CapacityRequest& request,
                                       const std::atomic<bool>& stop_asked) {
  const auto prepared = prepare(request, stop_asked);
  if (!prepared) return tl::unexpected(prepared.error());
  CapacityResult result;
  result.machine = machine_here();
  result.version = "playhead " + std::string(kVersion);
  result.date = today();
  result.slo = request.slo;
  result.reads_percent = request.options.reads_percent;
  result.beat_ms = request.options.beat_ms;
  result.connections = prepared->options.connections;
  if (request.target.empty()) {
    const auto measured = measure_own(settings, request, *prepared, result);
    if (!measured) return tl::unexpected(measured.error());
  } else {
    const auto found = search_elsewhere(settings, request, *prepared);
    if (!found) return tl::unexpected(found.error());
    result.threads.push_back(*found);
  }
  return result;
}

}  // namespace playhead
