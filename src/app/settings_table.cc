// The declaration of every setting: key, bounds, member, and what it is for.
#include "app/settings_table.h"

#include <array>

#include "app/settings_forms.h"

namespace playhead {
namespace {

using Kind = SettingKind;
using Reach = SettingTarget (*)(Settings&);

constexpr std::int64_t kKiB = 1 << 10;
constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kGiB = 1 << 30;
// Percentages are held in hundredths, as Policy does.
constexpr std::int64_t kPercentBp = 100;
// PATH_MAX of Linux.
constexpr std::int64_t kPathBytesMax = 4096;

constexpr std::array<std::string_view, 2> kStoreKinds = {"rocksdb", "memory"};
constexpr std::array<std::string_view, 4> kLogLevels = {"debug", "info", "warn", "error"};

// The shapes of the rows below: first what a kind cannot do without, the sentence last.

constexpr Setting count(std::string_view key, std::int64_t min, std::int64_t max,
                        std::string_view unit, Reach target, std::string_view sentence) {
  return {.key = key,
          .kind = Kind::count,
          .min = min,
          .max = max,
          .target = target,
          .sentence = sentence,
          .unit = unit,
          .words = {},
          .form = {}};
}

constexpr Setting range(Kind kind, std::string_view key, std::int64_t min, std::int64_t max,
                        Reach target, std::string_view sentence) {
  return {.key = key,
          .kind = kind,
          .min = min,
          .max = max,
          .target = target,
          .sentence = sentence,
          .unit = {},
          .words = {},
          .form = {}};
}

constexpr Setting choice(std::string_view key, std::span<const std::string_view> words,
                         Reach target, std::string_view sentence) {
  return {.key = key,
          .kind = Kind::choice,
          .target = target,
          .sentence = sentence,
          .unit = {},
          .words = words,
          .form = {}};
}

constexpr Setting with_form(Setting setting, std::string_view form,
                            bool (*fits)(std::string_view)) {
  setting.form = form;
  setting.fits = fits;
  return setting;
}

constexpr Setting as_secret(Setting setting) {
  setting.secret = true;
  return setting;
}

constexpr std::array kSettings = {
    // http
    range(
        Kind::listen, "http.listen", 1, 1,
        [](Settings& s) -> SettingTarget { return &s.http.listen; },
        "Address and port of the public API; port 0 lets the system choose one."),
    range(
        Kind::listen, "http.admin_listen", 0, 1,
        [](Settings& s) -> SettingTarget { return &s.http.admin_listen; },
        "Address and port of metrics and health; keep it off the public network. "
        "Empty turns it off."),
    count(
        "http.threads", 0, 256, "threads",
        [](Settings& s) -> SettingTarget { return &s.http.threads; },
        "Event loops; 0 is one a core."),
    range(
        Kind::bytes, "http.header_bytes_max", kKiB, 64 * kKiB,
        [](Settings& s) -> SettingTarget { return &s.http.header_bytes_max; },
        "Largest request line and headers together, token included; nginx and Apache take "
        "as much in one line."),
    range(
        Kind::bytes, "http.body_bytes_max", 4 * kKiB, kMiB,
        [](Settings& s) -> SettingTarget { return &s.http.body_bytes_max; },
        "Largest body but for a batch. A report with every id at its limit and every byte escaped "
        "is under 4KiB."),
    range(
        Kind::bytes, "http.batch_body_bytes_max", 4 * kKiB, 16 * kMiB,
        [](Settings& s) -> SettingTarget { return &s.http.batch_body_bytes_max; },
        "Largest body of a batch of up to 100 reports; not less than `http.body_bytes_max`."),
    range(
        Kind::duration, "http.request_timeout_ms", 100, 10 * kMinuteMs,
        [](Settings& s) -> SettingTarget { return &s.http.request_timeout_ms; },
        "Longest a client may take to send a request, and again to take the answer."),
    range(
        Kind::duration, "http.idle_timeout_ms", 100, kHourMs,
        [](Settings& s) -> SettingTarget { return &s.http.idle_timeout_ms; },
        "How long a connection may stay open between requests. More than the 60s of an AWS load "
        "balancer, so that the balancer closes first; 75s is also nginx's default."),
    count(
        "http.connections_max", 1, 1'000'000, "connections",
        [](Settings& s) -> SettingTarget { return &s.http.connections_max; },
        "Connections open at once, over all threads; each needs a file descriptor "
        "(`LimitNOFILE`)."),
    count(
        "http.connections_per_address_max", 0, 1'000'000, "connections",
        [](Settings& s) -> SettingTarget { return &s.http.connections_per_address_max; },
        "Connections one address (of IPv6: one /64) may have open; further ones are answered 429. "
        "0: no bound. Behind a proxy all have the proxy's: let it bound them there."),
    count(
        "http.account_requests_per_s", 0, 10'000, "requests/s",
        [](Settings& s) -> SettingTarget { return &s.http.account_requests_per_s; },
        "What an account (a token's `sub`, with all its profiles) may ask for a second over time; "
        "what is over is answered 429. A report of a batch counts as one request, an erasure as "
        "50, a read that takes a read thread as 10. 0: no limit. A player needs one every ten "
        "seconds."),
    count(
        "http.account_burst", 1, 100'000, "requests",
        [](Settings& s) -> SettingTarget { return &s.http.account_burst; },
        "… and at once: five full batches of a device that was offline."),
    count(
        "http.accounts_short_max", 8, 16'777'216, "accounts",
        [](Settings& s) -> SettingTarget { return &s.http.accounts_short_max; },
        "Accounts that may be short of their whole burst at once, 8 bytes each; those beyond pass "
        "uncounted. A request is made good after 1/`http.account_requests_per_s`."),
    with_form(range(
                  Kind::list, "http.allowed_origins", 0, 1024,
                  [](Settings& s) -> SettingTarget { return &s.http.allowed_origins; },
                  "Web pages whose scripts may call the API (CORS), as browsers send `Origin`."),
              "scheme://host[:port] in lower case, without path or default port, or \"*\"",
              fits_origin),
    count(
        "http.playhead_interval_s", 1, 3600, "seconds",
        [](Settings& s) -> SettingTarget { return &s.http.playhead_interval_s; },
        "The beat that answers ask players to report at (`Playhead-Interval`); raise it to shed "
        "load."),
    // data
    range(
        Kind::text, "data.folder", 1, kPathBytesMax,
        [](Settings& s) -> SettingTarget { return &s.data.folder; },
        "Folder of everything the service keeps on disk; relative to the working directory."),
    // store
    choice(
        "store.kind", kStoreKinds, [](Settings& s) -> SettingTarget { return &s.store.kind; },
        "Where records are kept; `memory` forgets everything when the process ends."),
    range(
        Kind::bytes, "store.block_cache_bytes", kMiB, 256 * kGiB,
        [](Settings& s) -> SettingTarget { return &s.store.block_cache_bytes; },
        "RocksDB's cache of blocks read from disk."),
    range(
        Kind::bytes, "store.write_buffer_bytes", kMiB, 64 * kMiB,
        [](Settings& s) -> SettingTarget { return &s.store.write_buffer_bytes; },
        "RocksDB's memtable (64MiB is its own default); a larger one only makes a start after a "
        "crash replay more of the log."),
    range(
        Kind::bytes, "store.hot_viewers_bytes", 0, 16 * kGiB,
        [](Settings& s) -> SettingTarget { return &s.store.hot_viewers_bytes; },
        "Records of viewers who were read a moment ago, some 30 KB a viewer of 300 videos; 0 keeps "
        "none."),
    range(
        Kind::toggle, "store.sync", 0, 1,
        [](Settings& s) -> SettingTarget { return &s.store.sync; },
        "Sync the log to disk before a write is answered. Without, an answer promises only what "
        "the operating system holds, which a power cut loses: for benches and caches."),
    count(
        "store.read_threads", 1, 64, "threads",
        [](Settings& s) -> SettingTarget { return &s.store.read_threads; },
        "Threads for reads that must go to disk, which event loops never wait for."),
    count(
        "store.reads_waiting_max", 1, 1'048'576, "reads",
        [](Settings& s) -> SettingTarget { return &s.store.reads_waiting_max; },
        "Reads that may wait for such a thread; further ones are answered 503."),
    // commit
    count(
        "commit.queue_entries_max", 1, 1'048'576, "writes",
        [](Settings& s) -> SettingTarget { return &s.commit.queue_entries_max; },
        "Writes that may wait for the next group commit; further ones are answered 503. A batch "
        "has "
        "up to 100: keep the share of ordinary ones (see commit.reserve_percent) above that."),
    range(
        Kind::bytes, "commit.queue_bytes_max", 64 * kKiB, kGiB,
        [](Settings& s) -> SettingTarget { return &s.commit.queue_bytes_max; },
        "The same bound in bytes of memory."),
    range(
        Kind::duration, "commit.queue_age_max_ms", 10, kMinuteMs,
        [](Settings& s) -> SettingTarget { return &s.commit.queue_age_max_ms; },
        "Once the oldest waiting write is older, ordinary ticks are refused."),
    count(
        "commit.reserve_percent", 0, 90, "percent",
        [](Settings& s) -> SettingTarget { return &s.commit.reserve_percent; },
        "Share of the queue kept for pause, stop, ended and explicit acts."),
    count(
        "commit.batch_entries_max", 1, 65'536, "writes",
        [](Settings& s) -> SettingTarget { return &s.commit.batch_entries_max; },
        "Writes in one group commit; bounds how long those behind it wait."),
    range(
        Kind::duration, "commit.wait_max_ms", 100, 5 * kMinuteMs,
        [](Settings& s) -> SettingTarget { return &s.commit.wait_max_ms; },
        "Longest a request waits for its write before it is answered 503; the write may still "
        "happen, and a resend does no harm."),
    count(
        "commit.live_sessions_max", 1, 16'777'216, "sessions",
        [](Settings& s) -> SettingTarget { return &s.commit.live_sessions_max; },
        "Playbacks remembered to tell duplicates and paused players; the oldest are forgotten "
        "first."),
    count(
        "commit.retry_after_s", 1, 300, "seconds",
        [](Settings& s) -> SettingTarget { return &s.commit.retry_after_s; },
        "Base of the jittered `Retry-After` of a 503."),
    // auth
    as_secret(with_form(
        range(
            Kind::text, "auth.key", 0, 1024,
            [](Settings& s) -> SettingTarget { return &s.auth.key; },
            "Key that signs tokens (HS256). Empty: the data folder's own, made at the first "
            "start. Not for a flag, which every user of the machine can read."),
        "base64url of at least 32 bytes of key (RFC 7518 §3.2)", fits_key)),
    range(
        Kind::text, "auth.key_file", 0, kPathBytesMax,
        [](Settings& s) -> SettingTarget { return &s.auth.key_file; },
        "File that holds `auth.key`, for secrets that are mounted; give only one of the two."),
    range(
        Kind::text, "auth.issuer", 0, 1024,
        [](Settings& s) -> SettingTarget { return &s.auth.issuer; },
        "What a token's `iss` must be; empty: it is not checked."),
    range(
        Kind::list, "auth.audiences", 0, 64,
        [](Settings& s) -> SettingTarget { return &s.auth.audiences; },
        "A token's `aud` must name one of these; empty: it is not checked."),
    range(
        Kind::duration, "auth.leeway_ms", 0, 5 * kMinuteMs,
        [](Settings& s) -> SettingTarget { return &s.auth.leeway_ms; },
        "How far the issuer's clock may differ from ours; RFC 7519 §4.1.4: \"usually no more "
        "than a few minutes\"."),
    count(
        "auth.cached_tokens_max", 1, 1'048'576, "tokens",
        [](Settings& s) -> SettingTarget { return &s.auth.cached_tokens_max; },
        "Checked tokens remembered by each event loop."),
    // policy
    range(
        Kind::duration, "policy.start_position_ms", 0, kHourMs,
        [](Settings& s) -> SettingTarget { return &s.policy.start_position_ms; },
        "Start line: a title counts as started from here (Google TV \"Watch Next\")."),
    range(
        Kind::percent, "policy.start_percent", 0, 100 * kPercentBp,
        [](Settings& s) -> SettingTarget { return &s.policy.start_percent_bp; },
        "The same as a share of the title; the earlier counts. Less than "
        "`policy.finish_percent`."),
    range(
        Kind::percent, "policy.finish_percent", kPercentBp, 100 * kPercentBp,
        [](Settings& s) -> SettingTarget { return &s.policy.finish_percent_bp; },
        "Finish line where the credits position is not known (90 in Jellyfin, Kodi, Plex)."),
    range(
        Kind::duration, "policy.finish_left_ms", 0, kHourMs,
        [](Settings& s) -> SettingTarget { return &s.policy.finish_left_ms; },
        "Also finished with this much or less left (Google TV: under 3 minutes)."),
    range(
        Kind::duration, "policy.finish_left_min_duration_ms", 0, kDayMs,
        [](Settings& s) -> SettingTarget { return &s.policy.finish_left_min_duration_ms; },
        "… but only in titles this long, where so little means the credits."),
    range(
        Kind::duration, "policy.short_title_ms", 0, kHourMs,
        [](Settings& s) -> SettingTarget { return &s.policy.short_title_ms; },
        "Shorter titles are stored, never listed (Jellyfin; Google TV: no clips)."),
    range(
        Kind::duration, "policy.rewatch_gap_ms", kMinuteMs, 30 * kDayMs,
        [](Settings& s) -> SettingTarget { return &s.policy.rewatch_gap_ms; },
        "Without session ids, a playhead this much later than the finish is a rewatch."),
    range(
        Kind::duration, "policy.row_window_ms", kHourMs, 3650 * kDayMs,
        [](Settings& s) -> SettingTarget { return &s.policy.row_window_ms; },
        "How long a title stays in the keep-watching row after it was last watched."),
    // life
    range(
        Kind::duration, "life.drain_timeout_ms", 0, 10 * kMinuteMs,
        [](Settings& s) -> SettingTarget { return &s.life.drain_timeout_ms; },
        "Longest a stop waits for requests that are under way. Kubernetes kills after 30s "
        "(`terminationGracePeriodSeconds`); leave it time."),
    range(
        Kind::duration, "life.drain_delay_ms", 0, 5 * kMinuteMs,
        [](Settings& s) -> SettingTarget { return &s.life.drain_delay_ms; },
        "Time between readiness turning false and the listeners closing, for load balancers to "
        "notice."),
    // log
    choice(
        "log.level", kLogLevels, [](Settings& s) -> SettingTarget { return &s.log.level; },
        "Least level that is written."),
};

}  // namespace

std::span<const Setting> settings_table() {
  return kSettings;
}

std::string_view setting_group(std::string_view key) {
  return key.substr(0, key.find('.'));
}

std::string environment_name(std::string_view key) {
  std::string name = "PLAYHEAD_";
  for (const char c : key) {
    const bool lower = c >= 'a' && c <= 'z';
    name += c == '.' ? '_' : lower ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

}  // namespace playhead
