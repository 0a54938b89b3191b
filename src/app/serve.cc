// Signals and the life of the process.
#include "app/serve.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <thread>

#include <pthread.h>
#include <unistd.h>

#include "app/application.h"
#include "app/descriptors.h"
#include "telemetry/json_log.h"

namespace playhead {
namespace {

// Time to write what waits after the connections are gone, before the process is ended by force.
constexpr unsigned kFlushSecondsMax = 30;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

// Waits for a stop signal, at most so long; true if one came.
bool stop_asked(std::chrono::milliseconds wait) {
  const sigset_t signals = stop_signals();
  timespec timeout{};
  timeout.tv_sec = static_cast<time_t>(wait.count() / 1'000);
  timeout.tv_nsec = static_cast<long>(wait.count() % 1'000) * 1'000'000;
  return sigtimedwait(&signals, nullptr, &timeout) > 0;
}

// A connection is a file descriptor. Takes all the system gives, and lowers connections_max where
// clients could leave the store without any.
void fit_connections_to_descriptors(Settings& settings, Log& log) {
  const std::size_t descriptors = raise_descriptor_limit();
  const std::size_t connections = server_connections(descriptors);
  if (settings.http.connections_max <= connections) return;
  log.write(LogLevel::info, "connections_max_lowered",
            "the system allows too few file descriptors for http.connections_max: raise its limit "
            "(LimitNOFILE) to hold more",
            {{"descriptors", static_cast<std::int64_t>(descriptors)},
             {"connections_max", static_cast<std::int64_t>(connections)}});
  settings.http.connections_max = connections;
}

}  // namespace

int serve(const Settings& given, Mode mode) {
  std::signal(SIGPIPE, SIG_IGN);
  // Blocked here and so in every thread: the main thread waits for them.
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  SystemClock clock;
  Settings settings = given;
  JsonLog log(STDERR_FILENO, settings.log.level, clock);
  fit_connections_to_descriptors(settings, log);
  auto application = Application::make(settings, mode, clock, log);
  if (!application) {
    log.write(LogLevel::error, "cannot_start", application.error().detail);
    return 1;
  }
  (*application)->start();
  while (!stop_asked(std::chrono::hours(1))) continue;

  // Whatever hangs, a disk for one, the process ends: by SIGALRM, which nobody catches.
  alarm(static_cast<unsigned>((settings.life.drain_delay_ms + settings.life.drain_timeout_ms) /
                              kSecondMs) +
        kFlushSecondsMax);
  (*application)->announce_drain();
  bool hastened = stop_asked(std::chrono::milliseconds(settings.life.drain_delay_ms));
  (*application)->drain([&hastened] {
    hastened = hastened || stop_asked(std::chrono::milliseconds(0));
    return hastened;
  });
  application->reset();
  return 0;
}

}  // namespace playhead
