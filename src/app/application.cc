// Wiring.
#include "app/application.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "app/data_folder.h"
#include "app/demo.h"
#include "app/metrics_page.h"
#include "app/version.h"
#include "auth/jwt.h"
#include "auth/token_cache.h"
#include "store/memory/memory_store.h"
#include "store/rocksdb/options.h"
#include "store/rocksdb/rocks_store.h"
#include "telemetry/hashed_id.h"

namespace playhead {
namespace {

using std::chrono::milliseconds;

Result<std::unique_ptr<Store>> open_store(const Settings& settings, Clock& clock, Log& log) {
  if (settings.store.kind == StoreKind::memory) return std::make_unique<MemoryStore>();
  rocks::Tuning tuning;
  tuning.block_cache_bytes = settings.store.block_cache_bytes;
  tuning.write_buffer_bytes = settings.store.write_buffer_bytes;
  tuning.hot_viewers_bytes = settings.store.hot_viewers_bytes;
  tuning.sync = settings.store.sync;
  auto store = rocks::RocksStore::open(store_folder(settings.data.folder), tuning, clock, log);
  if (!store) return tl::unexpected(std::move(store.error()));
  return std::move(*store);
}

CommitLimits commit_limits(const CommitSettings& settings) {
  CommitLimits limits;
  limits.queue_entries_max = settings.queue_entries_max;
  limits.queue_bytes_max = settings.queue_bytes_max;
  limits.queue_age_max = milliseconds(settings.queue_age_max_ms);
  limits.reserve_percent = settings.reserve_percent;
  limits.batch_entries_max = settings.batch_entries_max;
  limits.live_sessions_max = settings.live_sessions_max;
  return limits;
}

HttpLimits http_limits(const Settings& settings) {
  HttpLimits limits;
  limits.header_bytes_max = settings.http.header_bytes_max;
  limits.body_bytes_max = settings.http.body_bytes_max;
  limits.batch_body_bytes_max = settings.http.batch_body_bytes_max;
  limits.request_timeout = milliseconds(settings.http.request_timeout_ms);
  limits.idle_timeout = milliseconds(settings.http.idle_timeout_ms);
  limits.commit_wait_max = milliseconds(settings.commit.wait_max_ms);
  limits.connections_max = settings.http.connections_max;
  limits.connections_per_address_max = settings.http.connections_per_address_max;
  limits.account.per_s = static_cast<unsigned>(settings.http.account_requests_per_s);
  limits.account.burst = static_cast<unsigned>(settings.http.account_burst);
  limits.account.accounts_max = settings.http.accounts_short_max;
  limits.allowed_origins = settings.http.allowed_origins;
  limits.playhead_interval_s = static_cast<unsigned>(settings.http.playhead_interval_s);
  limits.retry_after_s = static_cast<unsigned>(settings.commit.retry_after_s);
  return limits;
}

// One loop's way from a header to an identity: the connection's last token, the cache, the key.
Identify make_identify(const std::string& key, const AuthSettings& settings) {
  auto verifier = std::make_shared<JwtVerifier>(
      key, JwtSettings{settings.audiences, settings.issuer, settings.leeway_ms});
  auto cache = std::make_shared<TokenCache>(
      settings.cached_tokens_max,
      [verifier](std::string_view token, Instant now) { return verifier->verify(token, now); });
  return [cache](std::string_view authorization, Instant now, const SharedIdentity& last) {
    return cache->identify(authorization, now, last);
  };
}

std::size_t loop_count(std::size_t configured) {
  if (configured > 0) return configured;
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

Result<std::unique_ptr<Application>> Application::make(const Settings& settings, Mode mode,
                                                       Clock& clock, Log& log) {
  if (auto folder = make_data_folder(settings.data.folder); !folder) {
    return tl::unexpected(folder.error());
  }
  const auto key = signing_key(settings);
  if (!key) return tl::unexpected(key.error());
  auto store = open_store(settings, clock, log);
  if (!store) return tl::unexpected(store.error());
  std::unique_ptr<Application> application(
      new Application(settings, mode, clock, log, std::move(*store), *key));
  if (auto listening = application->listen(); !listening) {
    return tl::unexpected(listening.error());
  }
  return application;
}

Application::Application(const Settings& settings, Mode mode, Clock& clock, Log& log,
                         std::unique_ptr<Store> store, const std::string& key)
    : settings_(settings),
      clock_(clock),
      log_(log),
      store_(std::move(store)),
      cursors_(key),
      queries_(*store_, clock, settings.policy, cursors_),
      housekeeper_(*store_, clock, log),
      readiness_(*store_),
      commit_(*store_, clock, settings.policy, commit_limits(settings.commit)),
      reads_(settings.store.read_threads, settings.store.reads_waiting_max),
      demo_(mode == Mode::demo ? make_demo(key, settings.auth) : nullptr),
      service_{
          http_limits(settings),
          clock,
          log,
          commit_,
          queries_,
          reads_,
          readiness_,
          [key, &settings] { return make_identify(key, settings.auth); },
          [this] {
            return metrics_page({server_, commit_, reads_, readiness_, *store_, log_});
          },
          [key](ViewerRef viewer) { return hashed_viewer(viewer.account, viewer.profile, key); },
          demo_.get()},
      server_(service_, loop_count(settings.http.threads)) {}

Application::~Application() = default;

Result<void> Application::listen() {
  if (auto done = server_.listen(settings_.http.listen); !done) return done;
  if (!settings_.http.admin_listen) return {};
  return server_.listen_admin(*settings_.http.admin_listen);
}

void Application::start() {
  housekeeper_.start();
  commit_.start();
  server_.start();
  log_.write(LogLevel::info, "listening", "ready for requests",
             {{"version", kVersion},
              {"host", std::string_view(settings_.http.listen.host)},
              {"port", std::int64_t{server_.port()}},
              {"admin_port", std::int64_t{server_.admin_port()}},
              {"threads", static_cast<std::int64_t>(server_.loops().size())}});
}

void Application::announce_drain() {
  readiness_.begin_drain();
  log_.write(LogLevel::info, "draining",
             "asked to stop: not ready any more, finishing what is open",
             {{"connections", static_cast<std::int64_t>(server_.open_connections())}});
}

void Application::drain(const std::function<bool()>& hasten) {
  server_.begin_drain();
  const auto deadline = clock_.steady() + milliseconds(settings_.life.drain_timeout_ms);
  bool drained = false;
  while (!drained && clock_.steady() < deadline && !hasten()) {
    drained = server_.wait_drained(std::min(deadline, clock_.steady() + milliseconds(50)));
  }
  if (!drained) {
    log_.write(LogLevel::warn, "drain_cut_short", "closing connections that did not end in time",
               {{"connections", static_cast<std::int64_t>(server_.open_connections())}});
    server_.close_all();
  }
  housekeeper_.stop();
  // What was handed over is written, whether its client is still there or not; only then may the
  // loops' memory go.
  commit_.stop();
  reads_.stop();
  server_.close_all();
  server_.wait_drained(clock_.steady() + milliseconds(1'000));
  server_.stop();
  server_.run_leftovers();
  log_.write(LogLevel::info, "stopped", "everything acknowledged is on disk");
}

}  // namespace playhead
