// Columns and members.
#include "load/report_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

#include <boost/json.hpp>

#include "load/slo.h"

namespace playhead {
namespace {

namespace json = boost::json;

double per_second(std::uint64_t count, const LoadResult& result) {
  return static_cast<double>(count) * 1e9 /
         static_cast<double>(std::max<std::int64_t>(1, result.measured_ns));
}

// A line of the table: a name, and what stands right of it in columns.
std::string line_of(const std::string& what, const std::vector<std::string>& cells) {
  char text[64];
  std::snprintf(text, sizeof text, "%-38s", what.c_str());
  std::string line = text;
  for (const std::string& cell : cells) {
    std::snprintf(text, sizeof text, " %9s", cell.c_str());
    line += text;
  }
  return line + '\n';
}

std::string row(const std::string& what, const DigitHistogram& histogram_us, double per_s) {
  std::vector<std::string> cells = {std::to_string(histogram_us.count()),
                                    std::to_string(std::llround(per_s))};
  std::ranges::copy(latency_cells(histogram_us), std::back_inserter(cells));
  return line_of(what, cells);
}

std::string answers_text(const LoadResult& result) {
  std::string text = "\nanswers\n";
  for (const AnswerCount& answer : result.answers) {
    char line[256];
    const std::string status =
        answer.status == 0 ? std::string("none") : std::to_string(answer.status);
    std::snprintf(line, sizeof line, "  %-30s %4s %-24s %12llu\n",
                  kLoadRouteNames[static_cast<std::size_t>(answer.route)].data(), status.c_str(),
                  answer.code.c_str(), static_cast<unsigned long long>(answer.count));
    text += line;
  }
  return text;
}

// Viewers have a connection each. Where most requests wait for one of a few, a server with time to
// spare looks like one without.
std::string connections_text(const LoadOptions& options, const LoadResult& result) {
  constexpr std::uint64_t kTimesMin = 2;
  const bool most_waited = result.waited_for_connection > result.due / 2;
  const bool longer =
      result.latency_us().value_at(99) > kTimesMin * result.service_us().value_at(99);
  if (!most_waited || !longer) return {};
  return "NOTE: most of p99 is waiting for one of " + std::to_string(options.connections) +
         " connections: the server is too slow for this rate, or --connections are too few\n";
}

json::object histogram_json(const DigitHistogram& histogram_us) {
  return {{"count", histogram_us.count()},       {"mean_us", histogram_us.mean()},
          {"p50_us", histogram_us.value_at(50)}, {"p95_us", histogram_us.value_at(95)},
          {"p99_us", histogram_us.value_at(99)}, {"p999_us", histogram_us.value_at(99.9)},
          {"max_us", histogram_us.max()}};
}

json::object asked_json(const LoadOptions& options) {
  json::object asked{{"target", options.target.host},
                     {"viewers", options.viewers},
                     {"first_viewer", options.first_viewer},
                     {"videos", options.videos},
                     {"seed", options.seed},
                     {"beat_ms", options.beat_ms},
                     {"timeout_ms", options.timeout_ms},
                     {"arrivals", options.arrivals == Arrivals::poisson ? "poisson" : "aligned"},
                     {"reads_percent", options.reads_percent},
                     {"warmup_ms", options.warmup_ms},
                     {"duration_ms", options.duration_ms},
                     {"connections", options.connections},
                     {"threads", options.threads}};
  if (options.rate_per_s) asked["rate_per_s"] = *options.rate_per_s;
  return asked;
}

}  // namespace

std::array<std::string, kLatencyHeads.size()> latency_cells(const DigitHistogram& histogram_us) {
  const auto at = [&](double percentile) {
    return format_us(static_cast<double>(histogram_us.value_at(percentile)));
  };
  return {format_us(histogram_us.mean()),
          at(50),
          at(95),
          at(99),
          at(99.9),
          format_us(static_cast<double>(histogram_us.max()))};
}

std::string load_table(const LoadOptions& options, const LoadResult& result) {
  char line[256];
  std::snprintf(line, sizeof line, "%llu requests due in %.1f s (%.0f/s), %llu errors\n\n",
                static_cast<unsigned long long>(result.due),
                static_cast<double>(result.measured_ns) / 1e9, per_second(result.due, result),
                static_cast<unsigned long long>(result.errors()));
  std::string text = line;
  std::vector<std::string> heads = {"answers", "per s"};
  std::ranges::copy(kLatencyHeads, std::back_inserter(heads));
  text += line_of("", heads);
  for (std::size_t i = 0; i < kLoadRoutes; ++i) {
    if (result.routes[i].latency_us.count() == 0) continue;
    const std::string name(kLoadRouteNames[i]);
    const double per_s = per_second(result.routes[i].in_time, result);
    text += row(name + " latency", result.routes[i].latency_us, per_s);
    text += row("  service time", result.routes[i].service_us, per_s);
  }
  text += row("all latency", result.latency_us(), result.in_time_per_s());
  text += row("  service time", result.service_us(), result.in_time_per_s());
  text += answers_text(result);
  if (result.connects_failed > 0) {
    text += "  connections refused or lost: " + std::to_string(result.connects_failed) + '\n';
  }
  std::snprintf(line, sizeof line,
                "\ngenerator: busy %.0f %%, sent 99 %% within %s of when it could; %.1f %% of the "
                "requests waited for one of %zu connections\n",
                result.busy * 100,
                format_us(static_cast<double>(result.lag_us.value_at(99))).c_str(),
                100.0 * static_cast<double>(result.waited_for_connection) /
                    static_cast<double>(std::max<std::uint64_t>(1, result.due)),
                options.connections);
  text += line;
  text += connections_text(options, result);
  if (const std::string limit = generator_limit(result); !limit.empty()) {
    text += (generator_full(result) ? "WARNING: " : "NOTE: ") + limit + '\n';
  }
  return text;
}

std::string load_json(const LoadOptions& options, const LoadResult& result,
                      const std::string& objective, const std::vector<std::string>& missed) {
  json::object routes;
  for (std::size_t i = 0; i < kLoadRoutes; ++i) {
    routes[std::string(kLoadRouteNames[i])] =
        json::object{{"latency", histogram_json(result.routes[i].latency_us)},
                     {"service", histogram_json(result.routes[i].service_us)}};
  }
  json::array answers;
  for (const AnswerCount& answer : result.answers) {
    answers.push_back(json::object{
        {"route",
         json::string(std::string(kLoadRouteNames[static_cast<std::size_t>(answer.route)]))},
        {"status", answer.status},
        {"code", answer.code},
        {"count", answer.count}});
  }
  json::array course;
  for (std::size_t i = 0; i < result.slots.size(); ++i) {
    const std::int64_t at_ns = static_cast<std::int64_t>(i) * result.slot_ns;
    if (at_ns >= result.measured_ns) break;  // it was stopped
    const TimeSlot& slot = result.slots[i];
    course.push_back(json::object{{"at_ms", at_ns / kMillisecondNs},
                                  {"due", slot.due},
                                  {"answered", slot.answered},
                                  {"errors", slot.errors},
                                  {"p50_us", slot.latency_us.value_at(50)},
                                  {"p99_us", slot.latency_us.value_at(99)},
                                  {"max_us", slot.latency_us.max()}});
  }
  const json::object whole{
      {"asked", asked_json(options)},
      {"started_at_ms", result.started_at.ms},
      {"measured_ms", result.measured_ns / kMillisecondNs},
      {"stopped", result.measured_ns < options.duration_ms * kMillisecondNs},
      {"slo", json::object{{"objective", objective}, {"missed", json::value_from(missed)}}},
      {"due", result.due},
      {"succeeded", result.succeeded},
      {"errors", result.errors()},
      {"due_per_s", per_second(result.due, result)},
      {"succeeded_per_s", result.in_time_per_s()},
      {"latency", histogram_json(result.latency_us())},
      {"service", histogram_json(result.service_us())},
      {"routes", routes},
      {"answers", answers},
      {"generator", json::object{{"busy", result.busy},
                                 {"lag", histogram_json(result.lag_us)},
                                 {"waited_for_connection", result.waited_for_connection},
                                 {"connects", result.connects},
                                 {"connects_failed", result.connects_failed},
                                 {"limit", generator_limit(result)}}},
      {"slot_ms", result.slot_ns / kMillisecondNs},
      {"course", course}};
  return json::serialize(whole) + '\n';
}

std::string progress_line(const LoadProgress& progress) {
  char line[160];
  std::snprintf(line, sizeof line, "%5.0f s  %9.0f answers/s  p99 %-9s %llu errors  %llu waiting",
                progress.second, progress.answers_per_s,
                format_us(static_cast<double>(progress.p99_us)).c_str(),
                static_cast<unsigned long long>(progress.errors),
                static_cast<unsigned long long>(progress.waiting));
  return line;
}

}  // namespace playhead
