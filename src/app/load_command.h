// `playhead load`: viewers that are not there, to see what a server does with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/settings.h"
#include "load/options.h"

namespace CLI {
class App;
}

namespace playhead {

/// What the command line says; durations are texts such as 30s.
struct LoadRequest {
  LoadOptions options;
  std::string target = "http://127.0.0.1:8080";
  std::string duration = "30s";
  std::string warmup = "2s";
  std::string timeout = "10s";
  std::string beat = "10s";
  std::string arrivals = "poisson";
  /// Not given: another in each run, so that what an earlier run stored is not taken for this
  /// one's.
  std::optional<std::uint64_t> seed;
  bool allow_remote = false;
  bool progress = false;
  std::string tokens_file;
  std::string slo;
  std::string json_file;
  std::string hgrm_file;
  std::string html_file;
  std::string verify_file;
  std::string verify_only_file;
};

/// Exit codes beside 0 and those of every command (1 could not run, 2 cannot be read).
constexpr int kExitSloMissed = 3;
constexpr int kExitPromiseBroken = 4;

/// Adds the subcommand with its options but for those that name settings.
CLI::App* add_load_command(CLI::App& cli, LoadRequest& request);

/// Runs the load and prints what came of it. The exit code: 0; 1 with the reason on standard error
/// where it could not run; kExitSloMissed; kExitPromiseBroken.
int run_load_command(const Settings& settings, const LoadRequest& request);

/// A file with a token a line, that of viewer number 0 first. Where it has fewer than there are
/// viewers they share them, which `tokens_min` forbids.
struct TokensFile {
  std::string path;  ///< empty: there is none
  std::size_t tokens_min = 0;
};

/// Tokens of load viewers, signed with the configured key or the data folder's, good for
/// `ttl_ms`; or those of a file. The error says what is wrong with the key or file.
Result<TokenOf> load_tokens(const Settings& settings, const TokensFile& file, std::int64_t ttl_ms);

}  // namespace playhead
