// Pictures of the search and of what follows from it.
#include "load/capacity_html.h"

#include <algorithm>
#include <cmath>

#include "load/html_page.h"
#include "load/knee.h"
#include "load/slo.h"

namespace playhead {
namespace {

// The objective's p99 in microseconds, or below zero.
double p99_limit_us(const std::string& slo_text) {
  const auto slo = parse_slo(slo_text);
  if (!slo) return -1;
  for (const Slo::Latency& limit : slo->latencies) {
    if (limit.percentile == 99) return static_cast<double>(limit.most_us);
  }
  return -1;
}

std::string name_of(const ThreadCapacity& one) {
  if (one.threads == 0) return "the server";
  return std::to_string(one.threads) + (one.threads == 1 ? " thread" : " threads");
}

// The rates from a little below the lowest run to the highest have marks at round numbers.
void mark_rates(Chart& chart) {
  const double range = chart.x.back() - chart.x.front();
  // One rate, or as good as one: there is no step to it.
  const double step = range > chart.x.back() * 1e-6 ? nice_step(range / 8) : chart.x.back();
  if (step <= 0) return;
  const double first = std::ceil(chart.x.front() / step - 1e-9);
  const double last = std::floor(chart.x.back() / step + 1e-9);
  for (double mark = first; mark <= last; ++mark) {
    chart.x_marks.emplace_back(mark * step, chart_value(ChartUnit::per_second, mark * step));
  }
}

Chart knee_chart(const ThreadCapacity& one, const std::string& slo) {
  Chart chart;
  chart.title = "The knee, " + name_of(one);
  chart.note = one.shared_cores
                   ? "p99 of each run over its rate. The generator shares these cores: with cores "
                     "of its own the server would do better."
                   : "p99 of each run over its rate; the scale is logarithmic.";
  chart.unit = ChartUnit::microseconds;
  chart.logarithmic = true;
  std::vector<CapacityRun> runs = one.runs;
  std::stable_sort(runs.begin(), runs.end(), [](const CapacityRun& a, const CapacityRun& b) {
    return a.rate_per_s < b.rate_per_s;
  });
  ChartSeries kept{"p99, objective kept", 1, ChartSeries::Form::dots, {}};
  ChartSeries missed{"p99, objective missed", 4, ChartSeries::Form::dots, {}};
  ChartSeries median{"p50", 5, ChartSeries::Form::dots, {}};
  for (const CapacityRun& run : runs) {
    chart.x.push_back(run.rate_per_s);
    chart.x_words.push_back("at " + chart_value(ChartUnit::per_second, run.rate_per_s) + ", " +
                            std::to_string(run.errors) + " errors");
    kept.values.push_back(run.kept ? std::max(1.0, run.p99_us) : -1);
    missed.values.push_back(run.kept ? -1 : std::max(1.0, run.p99_us));
    median.values.push_back(std::max(1.0, run.p50_us));
  }
  chart.series = {median, kept, missed};
  if (!chart.x.empty()) mark_rates(chart);
  chart.limit = p99_limit_us(slo);
  chart.limit_word = "objective";
  chart.knee = one.knee_per_s > 0 ? one.knee_per_s : -1;
  chart.knee_word =
      (one.at_least ? "at least " : "holds ") + chart_value(ChartUnit::per_second, one.knee_per_s);
  return chart;
}

Chart scaling_chart(const CapacityResult& result, const Scaling& scaling) {
  Chart chart;
  chart.title = "More threads";
  chart.note = scaling_text(scaling);
  chart.unit = ChartUnit::per_second;
  ChartSeries measured{"measured", 1, ChartSeries::Form::dots, {}};
  ChartSeries shared{"measured, cores shared with the generator", 5, ChartSeries::Form::dots, {}};
  ChartSeries ideal{"in proportion", 5, ChartSeries::Form::dashes, {}};
  ChartSeries fitted{"fitted", 2, ChartSeries::Form::line, {}};
  for (const ThreadCapacity& one : result.threads) {
    chart.x.push_back(one.threads);
    chart.x_words.push_back("with " + name_of(one));
    chart.x_marks.emplace_back(one.threads, std::to_string(one.threads));
    measured.values.push_back(one.shared_cores ? -1 : one.knee_per_s);
    shared.values.push_back(one.shared_cores ? one.knee_per_s : -1);
    ideal.values.push_back(scaling.first_per_s * one.threads);
    fitted.values.push_back(scaling.rate_at(one.threads));
  }
  chart.series = {ideal, measured, shared};
  if (scaling.points > 1) chart.series.push_back(fitted);
  return chart;
}

}  // namespace

std::string capacity_html(const CapacityResult& result, const std::vector<Plan>& plans,
                          const PlanAssumptions& assumptions) {
  std::string body = "<h1>playhead capacity</h1><p class=\"soft\">" + escaped(result.machine) +
                     ", " + escaped(result.date) + ", " + escaped(result.version) + "; objective " +
                     escaped(result.slo) + "</p>";
  std::vector<std::pair<std::string, std::string>> tiles;
  if (!result.threads.empty()) {
    const ThreadCapacity& first = result.threads.front();
    if (first.knee_per_s > 0) {
      tiles.emplace_back(chart_value(ChartUnit::per_second, first.knee_per_s),
                         "held by " + name_of(first));
      tiles.emplace_back(format_us(median_at_knee(first).p99_us), "p99 there");
    } else {
      tiles.emplace_back("none", "of the rates that were tried keeps the objective");
    }
  }
  if (const double held = viewers_a_core(result); held > 0) {
    tiles.emplace_back(format_count(held), "viewers a core");
  }
  if (result.footprint.per_connection > 0) {
    const double kernel = result.footprint.per_connection_kernel;
    tiles.emplace_back(
        format_bytes(result.footprint.per_connection),
        "memory a connection" +
            (kernel > 0 ? ", and " + format_bytes(kernel) + " of the kernel's" : std::string()));
    tiles.emplace_back(format_bytes(result.footprint.per_record_disk), "disk a record");
  }
  body += html_tiles(tiles);
  for (const ThreadCapacity& one : result.threads) body += html_chart(knee_chart(one, result.slo));
  if (result.threads.size() > 1) {
    body += html_chart(scaling_chart(result, fit_scaling(result.threads)));
  }
  auto rows = measured_rows(result);
  rows.insert(rows.begin(), {"what", "value"});
  body += html_table("Measured", rows);
  if (!plans.empty()) {
    rows = assumed_rows(result, assumptions);
    rows.insert(rows.begin(), {"what", "value"});
    body += html_table("Assumed", rows);
    body += html_table("Arithmetic from both", plan_rows(plans));
  }
  return html_page("playhead capacity", body);
}

}  // namespace playhead
