// Naming and summing the counters; docs/operations/metrics.md lists the same names.
#include "app/metrics_page.h"

#include <array>
#include <string_view>

#include "app/version.h"
#include "base/log.h"
#include "command/group_commit.h"
#include "http/event_loop.h"
#include "http/read_pool.h"
#include "http/readiness.h"
#include "http/server.h"
#include "store/store.h"
#include "telemetry/exposition.h"
#include "telemetry/process_stats.h"

namespace playhead {
namespace {

// One listener's loops under one name: "public" or "admin".
struct Listener {
  std::string_view name;
  const Router& router;
};

template <typename Read>
std::uint64_t sum_over_loops(const Server& server, Read read) {
  std::uint64_t sum = 0;
  for (const auto& loop : server.loops()) sum += read(*loop);
  return sum;
}

std::string_view route_name(const Router& router, std::size_t index) {
  return index < router.routes().size() ? router.routes()[index].name : "none";
}

void append_requests(Exposition& out, const Server& server, const Router& router) {
  out.family("playhead_http_requests_total", MetricType::counter,
             "Requests answered on the public listener, by route and status.");
  for (std::size_t route = 0; route <= router.routes().size(); ++route) {
    for (std::size_t status = 0; status < kCountedStatuses.size(); ++status) {
      const std::uint64_t count = sum_over_loops(server, [&](const EventLoop& loop) {
        return loop.stats(router).routes[route].by_status[status].value();
      });
      if (count == 0) continue;
      const unsigned number = kCountedStatuses[status];
      const std::string text = number == 0 ? "other" : std::to_string(number);
      out.sample(count, {{"route", route_name(router, route)}, {"status", text}});
    }
  }
  out.family("playhead_http_request_duration_seconds", MetricType::histogram,
             "Time from a complete request to its answer handed to the kernel, by route.");
  for (std::size_t route = 0; route <= router.routes().size(); ++route) {
    HistogramSum sum(kLatencyBoundsUs);
    for (const auto& loop : server.loops()) sum.add(loop->stats(router).routes[route].latency_us);
    out.histogram(sum, kMicrosecondsPerSecond, {{"route", route_name(router, route)}});
  }
}

void append_connections(Exposition& out, const Server& server) {
  const std::array<Listener, 2> listeners = {
      {{"public", server.router()}, {"admin", server.admin_router()}}};
  const auto counter = [&](std::string_view name, std::string_view help,
                           const Counter LoopStats::*member) {
    out.family(name, MetricType::counter, help);
    for (const Listener& listener : listeners) {
      out.sample(sum_over_loops(server,
                                [&](const EventLoop& loop) {
                                  return (loop.stats(listener.router).*member).value();
                                }),
                 {{"listener", listener.name}});
    }
  };
  counter("playhead_http_connections_accepted_total", "Connections accepted.",
          &LoopStats::connections_accepted);
  counter("playhead_http_connections_refused_total",
          "Connections answered 503 and closed because http.connections_max was reached.",
          &LoopStats::connections_refused);
  counter("playhead_http_addresses_refused_total",
          "Connections answered 429 and closed because their address had "
          "http.connections_per_address_max open.",
          &LoopStats::addresses_refused);
  counter("playhead_http_accept_failures_total",
          "Times no connection could be accepted: no descriptor or memory was left.",
          &LoopStats::accept_failures);
  counter("playhead_http_timeouts_total",
          "Connections that idled, sent, read or waited for longer than they may.",
          &LoopStats::timeouts);
  out.family("playhead_http_connections", MetricType::gauge, "Connections open now.");
  out.sample(server.open_connections());
  out.family("playhead_http_requests_uncounted_total", MetricType::counter,
             "Requests let through without counting for their account, for want of room.");
  out.sample(server.accounts().uncounted());
}

void append_commit(Exposition& out, const Server& server, GroupCommit& commit) {
  const CommitStats& stats = commit.stats();
  // A private report is answered before it comes to a commit.
  constexpr std::array<std::string_view, 4> kVerdicts = {"written", "duplicate", "unmoved",
                                                         "nothing_watched"};
  out.family("playhead_reports_total", MetricType::counter,
             "Reports that went through a commit, by what became of them.");
  for (std::size_t i = 0; i < kVerdicts.size(); ++i) {
    out.sample(stats.reports_by_verdict[i].value(), {{"verdict", kVerdicts[i]}});
  }
  out.family("playhead_acts_total", MetricType::counter,
             "Explicit acts that went through a commit: forget, hide, mark, erase.");
  out.sample(stats.acts.value());
  out.family("playhead_shed_total", MetricType::counter,
             "Reports and acts refused with 503 because the queue was full, by priority.");
  for (const auto& [priority, name] :
       {std::pair{Priority::ordinary, "ordinary"}, std::pair{Priority::reserved, "reserved"}}) {
    out.sample(sum_over_loops(server,
                              [&, which = priority](const EventLoop& loop) {
                                return loop.lane().shed(which).value();
                              }),
               {{"priority", name}});
  }
  out.family("playhead_commit_coalesced_total", MetricType::counter,
             "Writes merged into another of the same record within a batch.");
  out.sample(stats.coalesced.value());
  out.family("playhead_commit_failures_total", MetricType::counter, "Batches the store refused.");
  out.sample(stats.failures.value());
  out.family("playhead_commit_batch_entries", MetricType::histogram,
             "Reports and acts of one durable write.");
  out.histogram(stats.batch_entries, kUnscaled);
  out.family("playhead_commit_duration_seconds", MetricType::histogram,
             "Time of one batch: deciding, writing, syncing.");
  out.histogram(stats.commit_us, kMicrosecondsPerSecond);
  out.family("playhead_commit_queue_entries", MetricType::gauge,
             "Reports and acts waiting for a write or in one.");
  out.sample(commit.queue().entries());
  out.family("playhead_commit_queue_bytes", MetricType::gauge, "Memory those occupy.");
  out.sample(commit.queue().bytes());
  out.family("playhead_live_sessions", MetricType::gauge, "Playbacks remembered as going on.");
  out.sample(stats.live_sessions.value());
}

void append_store(Exposition& out, const MetricsSources& sources) {
  const StoreStats stats = sources.store.stats();
  out.family("playhead_store_disk_bytes", MetricType::gauge, "Disk the store's data occupies.");
  out.sample(stats.disk_bytes);
  out.family("playhead_store_memory_bytes", MetricType::gauge,
             "Memory of the store's write buffers and block cache.");
  out.sample(stats.memory_bytes);
  out.family("playhead_store_records", MetricType::gauge, "Records in the store, estimated.");
  out.sample(stats.records);
  out.family("playhead_store_healthy", MetricType::gauge,
             "1 while the store takes writes, 0 since one failed.");
  out.sample(sources.store.trouble() ? 0 : 1);
  out.family("playhead_store_read_failures_total", MetricType::counter,
             "Reads of a viewer's records that failed.");
  out.sample(stats.read_failures);
  out.family("playhead_store_mended_total", MetricType::counter,
             "Times the store took writes again after trouble, without a restart.");
  out.sample(stats.times_mended);
  out.family("playhead_store_hot_reads_total", MetricType::counter,
             "Viewers read from memory since an earlier read, but for what was written since.");
  out.sample(stats.hot_reads);
  out.family("playhead_store_reads_waiting", MetricType::gauge,
             "Reads that wait for a disk, or are in it.");
  out.sample(sources.reads.waiting());
}

}  // namespace

std::string metrics_page(const MetricsSources& sources) {
  Exposition out;
  out.family("playhead_build_info", MetricType::gauge, "Always 1; the version as a label.");
  out.sample(1, {{"version", kVersion}});
  out.family("playhead_ready", MetricType::gauge, "1 while /readyz answers 200.");
  out.sample(sources.readiness.reasons().empty() ? 1 : 0);
  append_requests(out, sources.server, sources.server.router());
  append_connections(out, sources.server);
  append_commit(out, sources.server, sources.commit);
  append_store(out, sources);
  out.family("playhead_log_lines_dropped_total", MetricType::counter,
             "Log lines that standard error did not take in time.");
  out.sample(sources.log.dropped_lines());
  append_process_stats(out);
  return std::move(out).text();
}

}  // namespace playhead
