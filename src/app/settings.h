// Every setting of the program as a typed value, and how the three sources of settings are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "base/clock.h"
#include "base/listen_address.h"
#include "base/log.h"
#include "domain/policy.h"

namespace playhead {

/// The store that holds the records: on disk, or in memory and gone at the end of the process.
enum class StoreKind : std::uint8_t { rocksdb, memory };

// The initial values below are the defaults; settings_table.cc says what each member means, its
// unit and its bounds, and the page docs/operations/configuration.md is made from both.

struct HttpSettings {
  ListenAddress listen{"127.0.0.1", 8080};
  /// Not set: no admin listener.
  std::optional<ListenAddress> admin_listen = ListenAddress{"127.0.0.1", 8081};
  /// 0: one a core.
  std::size_t threads = 0;
  std::size_t header_bytes_max = std::size_t{8} << 10;
  std::size_t body_bytes_max = std::size_t{16} << 10;
  std::size_t batch_body_bytes_max = std::size_t{64} << 10;
  std::int64_t request_timeout_ms = 10 * kSecondMs;
  std::int64_t idle_timeout_ms = 75 * kSecondMs;
  std::size_t connections_max = 100'000;
  /// 0: no bound of its own.
  std::size_t connections_per_address_max = 10'000;
  /// 0: no limit.
  std::size_t account_requests_per_s = 50;
  std::size_t account_burst = 500;
  std::size_t accounts_short_max = 65'536;
  /// Exact origins as a browser sends them, or "*".
  std::vector<std::string> allowed_origins;
  std::int64_t playhead_interval_s = 10;
};

struct DataSettings {
  std::filesystem::path folder = "data";
};

struct StoreSettings {
  StoreKind kind = StoreKind::rocksdb;
  std::size_t block_cache_bytes = std::size_t{64} << 20;
  std::size_t write_buffer_bytes = std::size_t{64} << 20;
  std::size_t hot_viewers_bytes = std::size_t{32} << 20;
  bool sync = true;
  std::size_t read_threads = 2;
  std::size_t reads_waiting_max = 1024;
};

struct CommitSettings {
  std::size_t queue_entries_max = 65'536;
  std::size_t queue_bytes_max = std::size_t{32} << 20;
  std::int64_t queue_age_max_ms = 2 * kSecondMs;
  std::size_t reserve_percent = 25;
  std::size_t batch_entries_max = 4096;
  std::int64_t wait_max_ms = 10 * kSecondMs;
  std::size_t live_sessions_max = 262'144;
  std::int64_t retry_after_s = 2;
};

struct AuthSettings {
  /// Base64url of at least 32 bytes, from `auth.key` or out of the file `auth.key_file` names;
  /// empty where neither was given. Never log it.
  std::string key;
  std::filesystem::path key_file;
  std::string issuer;
  std::vector<std::string> audiences;
  std::int64_t leeway_ms = 30 * kSecondMs;
  std::size_t cached_tokens_max = 65'536;
};

struct LifeSettings {
  std::int64_t drain_timeout_ms = 10 * kSecondMs;
  std::int64_t drain_delay_ms = 0;
};

struct LogSettings {
  LogLevel level = LogLevel::info;
};

/// All settings; a value of its own has the defaults. What load_settings returns is within bounds.
struct Settings {
  HttpSettings http;
  DataSettings data;
  StoreSettings store;
  CommitSettings commit;
  AuthSettings auth;
  Policy policy;
  LifeSettings life;
  LogSettings log;
};

/// What the operator gave, weakest source first; before it, what a subcommand changes of the
/// defaults, by dotted key. Environment: variable and text. Flags: dotted key
/// without dashes ("http.listen") and text; of a flag given twice the last one counts.
struct SettingsSources {
  std::vector<std::pair<std::string, std::string>> defaults;
  std::optional<std::filesystem::path> file;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::pair<std::string, std::string>> flags;
};

/// One thing wrong: where it was given ("playhead.toml:12", "PLAYHEAD_HTTP_LISTEN",
/// "--set http.listen") and what to do about it. Never holds the value of a secret.
struct SettingsProblem {
  std::string where;
  std::string what;
};

/// Reads all three sources over the defaults, and the file `auth.key_file` names into `auth.key`.
/// The error is every problem found, never an empty list.
tl::expected<Settings, std::vector<SettingsProblem>> load_settings(const SettingsSources& sources);

/// The effective settings as a TOML file that load_settings would read back to the same values;
/// a secret that is set stands in a comment, as "<redacted>".
std::string show_settings(const Settings& settings);

/// The Markdown text of docs/operations/configuration.md.
std::string settings_reference();

/// The variables of a null-terminated environment block that are meant as settings: those that
/// begin with `PLAYHEAD_`, less the ones Kubernetes sets for a Service named `playhead` or
/// `playhead-…` (`PLAYHEAD_SERVICE_HOST`, `PLAYHEAD_PORT=tcp://…`).
std::vector<std::pair<std::string, std::string>> playhead_environment(char** variables);

}  // namespace playhead
