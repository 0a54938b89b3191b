// A plan for people: columns of what was measured, what is assumed, and what follows.
#include <algorithm>
#include <array>
#include <cstdio>

#include "load/knee.h"
#include "load/plan.h"
#include "load/slo.h"

namespace playhead {
namespace {

std::string text_of(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

double lowest_rate(const ThreadCapacity& one) {
  const auto lowest = std::ranges::min_element(one.runs, {}, &CapacityRun::rate_per_s);
  return lowest == one.runs.end() ? 0 : lowest->rate_per_s;
}

using Rows = std::vector<std::vector<std::string>>;

// Columns as wide as their widest cell; the first to the left, the others to the right.
std::string columns(const Rows& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (const auto& row : rows) {
    text += "  ";
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string gap(widths[c] - row[c].size(), ' ');
      text += c == 0 ? row[c] + gap : "   " + gap + row[c];
    }
    text += '\n';
  }
  return text;
}

// What was found with one number of threads.
void add_search(Rows& rows, const std::string& slo, const ThreadCapacity& one) {
  const std::string threads =
      one.threads == 0 ? "the server"
                       : std::to_string(one.threads) + " thread" + (one.threads > 1 ? "s" : "");
  const std::string shared = one.shared_cores ? ", sharing cores with the generator" : "";
  const std::string what = "highest rate with " + slo + ", " + threads + shared;
  if (one.knee_per_s <= 0) {
    rows.push_back({what, "none, down to " + format_count(lowest_rate(one)) + "/s"});
    return;
  }
  rows.push_back({what, (one.at_least ? "at least " : "") + format_count(one.knee_per_s) + "/s"});
  const CapacityRun at_knee = median_at_knee(one);
  rows.push_back(
      {"  p50, p99 there", format_us(at_knee.p50_us) + ", " + format_us(at_knee.p99_us)});
  if (at_knee.server_cpu_us > 0) {
    rows.push_back({"  CPU of the server a request", text_of("%.1f us", at_knee.server_cpu_us)});
  }
}

void add_footprint(Rows& rows, const CapacityResult& result) {
  const Footprint& footprint = result.footprint;
  if (footprint.connections == 0) return;
  rows.push_back(
      {"memory of an idle connection (" + format_count(static_cast<double>(footprint.connections)) +
           " held)",
       format_bytes(footprint.per_connection) +
           (footprint.per_connection_kernel > 0
                ? ", and " + format_bytes(footprint.per_connection_kernel) + " of the kernel's"
                : std::string("; the kernel's part was not seen"))});
  rows.push_back({"resident at rest; at the end of the search",
                  format_bytes(footprint.at_rest) + "; " + format_bytes(footprint.under_load)});
  if (const ThreadCapacity* const one = one_core(result); one && written_at(result, 0) > 0) {
    const double lowest_per_s = lowest_rate(*one);
    rows.push_back({"written to disk for each report, at " + format_count(lowest_per_s) +
                        "/s; at the highest rate",
                    format_bytes(written_at(result, lowest_per_s)) + "; " +
                        format_bytes(written_at(result, one->knee_per_s))});
  }
  if (footprint.records == 0) return;
  rows.push_back({"memory of a million records, after a restart (" +
                      format_count(static_cast<double>(footprint.records)) + " stored)",
                  footprint.per_record_memory > 0 ? format_bytes(footprint.per_record_memory * 1e6)
                                                  : "too few to weigh"});
  rows.push_back({"disk of a million records", format_bytes(footprint.per_record_disk * 1e6)});
}

}  // namespace

Rows plan_rows(const std::vector<Plan>& plans) {
  Rows rows = {{"viewers at the same time"},  {"requests a second"},       {"containers for CPU"},
               {"containers for memory"},     {"containers, 1 core each"}, {"viewers a container"},
               {"memory a container"},        {"disk growth a day, all"},  {"disk kept, all"},
               {"written to disk a day, all"}};
  for (const Plan& plan : plans) {
    const std::array<std::string, 10> column = {
        format_count(static_cast<double>(plan.audience)),
        format_count(plan.requests_per_s),
        text_of("%.2f", plan.containers_for_cpu),
        text_of("%.2f", plan.containers_for_memory),
        format_count(static_cast<double>(plan.containers)),
        format_count(plan.viewers_a_container),
        format_bytes(plan.memory_a_container),
        format_bytes(plan.disk_growth_a_day),
        format_bytes(plan.disk_kept),
        plan.written_a_day ? format_bytes(*plan.written_a_day) : "not seen"};
    for (std::size_t i = 0; i < column.size(); ++i) rows[i].push_back(column[i]);
  }
  return rows;
}

Rows measured_rows(const CapacityResult& result) {
  Rows rows = {{"connections that the requests went over",
                format_count(static_cast<double>(result.connections))}};
  for (const ThreadCapacity& one : result.threads) add_search(rows, result.slo, one);
  add_footprint(rows, result);
  return rows;
}

Rows assumed_rows(const CapacityResult& result, const PlanAssumptions& assumptions) {
  return {{"everyone of the audience watches at once, on a connection each", ""},
          {"a report every", text_of("%.3g s", static_cast<double>(result.beat_ms) / 1'000)},
          {"share of GETs", text_of("%.3g %%", result.reads_percent)},
          {"of the highest rate is used", text_of("%.3g %%", assumptions.use_percent)},
          {"of a container's memory is used", text_of("%.3g %%", assumptions.memory_percent)},
          {"watched a day", text_of("%.3g h", assumptions.hours_a_day)},
          {"titles started a day, a record each", text_of("%.3g", assumptions.titles_a_day)},
          {"records kept", std::to_string(assumptions.days_kept) + " days"},
          {"a container", "1 core, " + format_bytes(assumptions.container_bytes)},
          {"its write-ahead logs, at most", format_bytes(assumptions.log_bytes)}};
}

std::string plan_text(const CapacityResult& result, const std::vector<Plan>& plans,
                      const PlanAssumptions& assumptions) {
  std::string text = "measured, on " + result.machine + " (" + result.date + ", " + result.version +
                     ")\n" + columns(measured_rows(result));
  const double held = viewers_a_core(result);
  if (held > 0) {
    text += std::string("  so one core holds ") + (one_core(result)->at_least ? "at least " : "") +
            format_count(held) + " viewers\n";
  }
  text += "  " + scaling_text(fit_scaling(result.threads)) + '\n';
  if (plans.empty()) return text;
  text += "\nassumed\n" + columns(assumed_rows(result, assumptions));
  text += "\narithmetic from both\n" + columns(plan_rows(plans));
  text +=
      "  a container has a data folder of its own, so accounts are shared out among containers, "
      "and each needs http.connections_max above its viewers\n";
  return text;
}

std::string format_bytes(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1'000) return text_of("%.0f B", bytes);
  std::size_t unit = 0;
  double value = bytes / 1'024;
  while (value >= 1'000 && unit + 1 < kUnits.size()) {
    value /= 1'024;
    ++unit;
  }
  return text_of(value < 99.5 ? "%.2g " : "%.0f ", value) + kUnits[unit];
}

std::string format_count(double count) {
  std::string digits = text_of("%.0f", count);
  for (std::size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits;
}

}  // namespace playhead
