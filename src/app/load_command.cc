// From the command line to a run, and from its result to files and an exit code.
#include "app/load_command.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <iostream>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "app/command_output.h"
#include "app/data_folder.h"
#include "app/descriptors.h"
#include "app/settings_forms.h"
#include "app/stop_signals.h"
#include "auth/jwt.h"
#include "base/clock.h"
#include "base/hash128.h"
#include "load/load_run.h"
#include "load/read_back.h"
#include "load/report_html.h"
#include "load/report_text.h"
#include "load/request_writer.h"
#include "load/slo.h"

namespace playhead {
namespace {

Result<std::int64_t> duration_ms(const char* flag, const std::string& text, std::int64_t least_ms) {
  const auto value_ms = parse_number(SettingKind::duration, text);
  if (value_ms && *value_ms >= least_ms && *value_ms <= kDayMs) return *value_ms;
  return fail(ErrorCode::invalid_field, std::string(flag) + " must be a duration between " +
                                            format_number(SettingKind::duration, least_ms) +
                                            " and 1d, such as 30s");
}

Result<void> read_durations(const LoadRequest& request, LoadOptions& options) {
  const std::pair<std::int64_t*, Result<std::int64_t>> given[] = {
      {&options.duration_ms, duration_ms("--duration", request.duration, 100)},
      {&options.warmup_ms, duration_ms("--warmup", request.warmup, 0)},
      {&options.timeout_ms, duration_ms("--timeout", request.timeout, 100)},
      {&options.beat_ms, duration_ms("--beat", request.beat, 100)}};
  for (const auto& [place, value_ms] : given) {
    if (!value_ms) return tl::unexpected(value_ms.error());
    *place = *value_ms;
  }
  return {};
}

// Everyone in step has a beat and not a rate, and the first one comes when it is over.
Result<void> check_alignment(const LoadOptions& options) {
  if (options.arrivals != Arrivals::aligned) return {};
  if (options.rate_per_s) {
    return fail(ErrorCode::invalid_field,
                "--arrivals aligned wants --viewers, who report at every --beat, and no --rate");
  }
  if (options.warmup_ms + options.duration_ms > options.beat_ms) return {};
  return fail(ErrorCode::invalid_field,
              "--arrivals aligned: the first reports come after a --beat, so --duration must be "
              "longer");
}

// Sockets are descriptors, and a run with fewer than it was asked for tells nothing.
Result<void> check_descriptors(const LoadOptions& options) {
  constexpr std::size_t kOthers = 64;
  const std::size_t descriptors = raise_descriptor_limit();
  if (options.connections + kOthers <= descriptors) return {};
  return fail(
      ErrorCode::invalid_field,
      "--connections: this process may have " + std::to_string(descriptors) +
          " descriptors and needs some itself; ask for fewer, or raise the limit (ulimit -n)");
}

// The options of a run as they are in force.
Result<LoadOptions> options_of(const LoadRequest& request) {
  LoadOptions options = request.options;
  const auto target = parse_target(request.target, request.allow_remote);
  if (!target) return tl::unexpected(target.error());
  options.target = *target;
  if (auto read = read_durations(request, options); !read) return tl::unexpected(read.error());
  options.arrivals = request.arrivals == "aligned" ? Arrivals::aligned : Arrivals::poisson;
  if (auto fits = check_alignment(options); !fits) return tl::unexpected(fits.error());
  options.seed = request.seed ? *request.seed : secret_seed();
  if (options.rate_per_s && options.viewers == 0) {
    options.viewers = viewers_for(*options.rate_per_s, options.beat_ms);
  }
  if (!options.rate_per_s && options.viewers == 0) options.viewers = 1'000;
  if (options.first_viewer > kViewersMax - options.viewers) {
    return fail(ErrorCode::invalid_field,
                "--first-viewer: there are " + std::to_string(kViewersMax) +
                    " viewers at most, and this run has " + std::to_string(options.viewers));
  }
  options.verify = options.verify || !request.verify_file.empty();
  return options;
}

int verify(const LoadTarget& target, const TokenOf& token_of,
           const std::vector<Promise>& promises) {
  const auto result = read_back(target, token_of, promises);
  if (!result) return refuse("load", result.error().detail);
  std::cout << result->text();
  return result->good() ? 0 : kExitPromiseBroken;
}

// Tells on standard error where somebody looks, one line that is written over.
class Teller {
 public:
  explicit Teller(bool asked) : tells_(asked || isatty(STDERR_FILENO) == 1) {}
  ~Teller() {
    if (told_ && over_) std::cerr << '\n';
  }
  void operator()(const LoadProgress& progress) {
    if (!tells_) return;
    told_ = true;
    std::cerr << (over_ ? "\r" : "") << progress_line(progress) << (over_ ? "\x1b[K" : "\n")
              << std::flush;
  }

 private:
  bool tells_;
  bool over_ = isatty(STDERR_FILENO) == 1;
  bool told_ = false;
};

// Prints and writes what was measured; the exit code.
int report(const LoadRequest& request, const LoadOptions& options, const Slo& slo,
           const LoadOutcome& outcome) {
  const LoadResult& result = outcome.result;
  std::cout << load_table(options, result);
  const std::vector<std::string> missed =
      request.slo.empty() ? std::vector<std::string>() : slo.missed_by(result);
  if (!request.slo.empty() && missed.empty()) std::cout << "SLO kept: " << request.slo << '\n';
  for (const std::string& one : missed) std::cout << "SLO missed: " << one << '\n';
  std::cout << std::flush;
  // Each by itself: what one cannot have, the others may.
  const bool json =
      write_file("load", request.json_file, load_json(options, result, request.slo, missed));
  const bool hgrm = write_file("load", request.hgrm_file, result.latency_us().percentile_text(1e3));
  const bool html = write_file("load", request.html_file, load_html(options, result, missed));
  if (!json || !hgrm || !html) return 1;
  if (result.succeeded == 0) return refuse("load", "nothing was answered with success");
  return missed.empty() ? 0 : kExitSloMissed;
}

Result<TokenOf> tokens_from(const TokensFile& file) {
  std::ifstream in(file.path);
  if (!in) return fail(ErrorCode::invalid_field, file.path + " cannot be read");
  auto tokens = std::make_shared<std::vector<std::string>>();
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) tokens->push_back(line);
  }
  if (tokens->empty()) return fail(ErrorCode::invalid_field, file.path + " holds no tokens");
  if (tokens->size() < file.tokens_min) {
    return fail(ErrorCode::invalid_field,
                file.path + " holds " + std::to_string(tokens->size()) +
                    " tokens: to verify, each of " + std::to_string(file.tokens_min) +
                    " viewers needs its own, or another's reports would look like a loss");
  }
  return [tokens](std::uint32_t viewer) { return (*tokens)[viewer % tokens->size()]; };
}

// Behind the number of the last viewer.
std::uint32_t viewers_end(const LoadOptions& options) {
  return options.first_viewer + options.viewers;
}

// Reads back what an earlier run wrote down, with as many tokens as that run's viewers had.
int verify_later(const Settings& settings, const LoadRequest& request, const LoadTarget& target) {
  const auto promises = read_promises(request.verify_only_file);
  if (!promises) return refuse("load", promises.error().detail);
  if (promises->empty()) {
    return refuse("load", request.verify_only_file + " holds nothing that was acknowledged");
  }
  std::size_t tokens_min = 0;
  for (const Promise& promise : *promises) {
    tokens_min = std::max(tokens_min, std::size_t{promise.viewer} + 1);
  }
  const auto token_of = load_tokens(settings, {request.tokens_file, tokens_min}, kHourMs);
  if (!token_of) return refuse("load", token_of.error().detail);
  return verify(target, *token_of, *promises);
}

int run(const Settings& settings, const LoadRequest& request) {
  const auto options = options_of(request);
  if (!options) return refuse("load", options.error().detail);
  const auto slo = parse_slo(request.slo);
  if (!slo) return refuse("load", slo.error().detail);
  if (!request.verify_only_file.empty()) return verify_later(settings, request, options->target);
  if (auto enough = check_descriptors(*options); !enough) {
    return refuse("load", enough.error().detail);
  }
  if (!can_write("load",
                 {request.json_file, request.hgrm_file, request.html_file, request.verify_file})) {
    return 1;
  }
  const auto token_of =
      load_tokens(settings, {request.tokens_file, options->verify ? viewers_end(*options) : 0},
                  options->warmup_ms + options->duration_ms + kHourMs);
  if (!token_of) return refuse("load", token_of.error().detail);
  const std::atomic<bool>& stop_asked = heed_stop_signals();
  SystemClock clock;
  std::optional<Result<LoadOutcome>> outcome;
  {
    Teller teller(request.progress);
    outcome = run_load(*options, *token_of, clock, std::ref(teller), stop_asked);
  }
  if (!*outcome) return refuse("load", outcome->error().detail);
  const LoadOutcome& done = **outcome;
  const int measured = report(request, *options, *slo, done);
  Result<void> kept;
  if (!request.verify_file.empty()) kept = write_promises(request.verify_file, done.promises);
  const int written = kept ? 0 : refuse("load", kept.error().detail);
  // A file is for later: what has just been answered may be asked for after a restart.
  const int verified =
      request.options.verify ? verify(options->target, *token_of, done.promises) : 0;
  if (verified != 0) return verified;
  return written != 0 ? written : measured;
}

}  // namespace

CLI::App* add_load_command(CLI::App& cli, LoadRequest& request) {
  auto* command = cli.add_subcommand("load", "load a server as viewers do; see docs/load.md");
  auto& options = request.options;
  command->add_option("--target", request.target, "http://address:port")->capture_default_str();
  command->add_flag("--allow-remote", request.allow_remote, "load another machine than this");
  command->add_option("--viewers", options.viewers, "viewers who report at every beat")
      ->check(CLI::Range(1U, kViewersMax));
  command
      ->add_option("--first-viewer", options.first_viewer,
                   "number of the first; runs at the same time want viewers of their own")
      ->check(CLI::Range(0U, kViewersMax - 1))
      ->capture_default_str();
  command->add_option("--rate", options.rate_per_s, "requests a second, instead")
      ->check(CLI::Range(0.1, 10e6));
  command->add_option("--arrivals", request.arrivals, "poisson, or aligned: everyone in step")
      ->check(CLI::IsMember({"poisson", "aligned"}))
      ->capture_default_str();
  command->add_option("--beat", request.beat, "time between the reports of a viewer")
      ->capture_default_str();
  command->add_option("--reads", options.reads_percent, "share of GETs, in percent")
      ->check(CLI::Range(0.0, kReadsPercentMax))
      ->capture_default_str();
  command->add_option("--videos", options.videos, "titles there are")
      ->check(CLI::Range(10U, 10'000'000U))
      ->capture_default_str();
  command->add_option("--seed", request.seed, "of what viewers do; another in each run");
  command->add_option("--duration", request.duration, "time measured")->capture_default_str();
  command->add_option("--warmup", request.warmup, "time before it")->capture_default_str();
  command->add_option("--timeout", request.timeout, "longest wait for an answer")
      ->capture_default_str();
  command->add_option("--connections", options.connections, "connections, of one request each")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  command
      ->add_option("--waiting-max", options.waiting_max,
                   "requests that may wait for a connection; further ones are not sent")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  command->add_option("--threads", options.threads, "event loops")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--tokens", request.tokens_file, "file with a token a line, one a viewer");
  command->add_option("--slo", request.slo, "what must hold, as p99=30ms,errors=0");
  command->add_option("--json", request.json_file, "write the result there");
  command->add_option("--hgrm", request.hgrm_file, "write percentiles there, as HdrHistogram does");
  command->add_option("--html", request.html_file, "write a page there");
  command->add_flag("--progress", request.progress, "tell every second also where no terminal is");
  command->add_flag("--verify", options.verify, "read back afterwards all that was acknowledged");
  command->add_option("--verify-file", request.verify_file, "write what was acknowledged there");
  command->add_option("--verify-only", request.verify_only_file,
                      "send no load; read back what such a file holds");
  return command;
}

Result<TokenOf> load_tokens(const Settings& settings, const TokensFile& file, std::int64_t ttl_ms) {
  if (!file.path.empty()) return tokens_from(file);
  // Making a key would only make tokens that no server knows.
  if (settings.auth.key.empty() && !std::filesystem::exists(settings.data.folder / "token.key")) {
    return fail(ErrorCode::invalid_field,
                "there is no key in " + settings.data.folder.string() +
                    "; give the server's folder with --data, or tokens with --tokens");
  }
  auto key = signing_key(settings);
  if (!key) return tl::unexpected(key.error());
  Claims claims;
  claims.issued_at = SystemClock().now();
  claims.expires_at = Instant{claims.issued_at.ms + ttl_ms};
  claims.issuer = settings.auth.issuer;
  if (!settings.auth.audiences.empty()) claims.audience = settings.auth.audiences.front();
  return [key = *key, claims](std::uint32_t viewer) {
    Claims of_viewer = claims;
    of_viewer.sub = load_account(viewer);
    return mint(key, of_viewer);
  };
}

int run_load_command(const Settings& settings, const LoadRequest& request) {
  std::signal(SIGPIPE, SIG_IGN);
  return run(settings, request);
}

}  // namespace playhead
