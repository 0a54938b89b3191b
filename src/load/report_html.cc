// What the page of a run shows: its course, its distribution, its numbers.
#include "load/report_html.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "load/html_page.h"
#include "load/report_text.h"
#include "load/slo.h"

namespace playhead {
namespace {

double seconds(std::int64_t time_ns) {
  return static_cast<double>(time_ns) / 1e9;
}

std::string in_seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g s", value);
  return text;
}

// The parts of the measured time that were reached.
std::size_t slots_used(const LoadResult& result) {
  const auto used =
      static_cast<std::size_t>((result.measured_ns + result.slot_ns - 1) / result.slot_ns);
  return std::min(used, result.slots.size());
}

// An empty picture over time.
Chart over_time(const LoadResult& result) {
  Chart chart;
  for (std::size_t i = 0; i < slots_used(result); ++i) {
    const double at_s = seconds(static_cast<std::int64_t>(i) * result.slot_ns);
    chart.x.push_back(at_s);
    chart.x_words.push_back("at " + in_seconds(at_s));
  }
  if (chart.x.empty()) return chart;
  const double step_s = nice_step(chart.x.back() / 8);
  for (double at_s = 0; at_s <= chart.x.back(); at_s += step_s) {
    chart.x_marks.emplace_back(at_s, in_seconds(at_s));
  }
  return chart;
}

Chart latency_chart(const LoadResult& result) {
  Chart chart = over_time(result);
  chart.title = "Latency";
  chart.note = "From the time a request was due to its answer; each point is " +
               in_seconds(seconds(result.slot_ns)) + ". The scale is logarithmic.";
  chart.unit = ChartUnit::microseconds;
  chart.logarithmic = true;
  ChartSeries p50{"p50", 1, ChartSeries::Form::line, {}};
  ChartSeries p99{"p99", 2, ChartSeries::Form::line, {}};
  ChartSeries max{"max", 5, ChartSeries::Form::line, {}};
  for (std::size_t i = 0; i < chart.x.size(); ++i) {
    const DigitHistogram& slot_us = result.slots[i].latency_us;
    const bool none = slot_us.count() == 0;
    const auto shown = [none](std::uint64_t value) {
      return none ? -1.0 : std::max(1.0, static_cast<double>(value));
    };
    p50.values.push_back(shown(slot_us.value_at(50)));
    p99.values.push_back(shown(slot_us.value_at(99)));
    max.values.push_back(shown(slot_us.max()));
  }
  chart.series = {max, p99, p50};
  return chart;
}

Chart throughput_chart(const LoadResult& result) {
  Chart chart = over_time(result);
  chart.title = "Throughput";
  chart.note = "Requests that fell due, answers that came, and requests that failed, a second.";
  chart.unit = ChartUnit::per_second;
  ChartSeries due{"due", 5, ChartSeries::Form::dashes, {}};
  ChartSeries answered{"answered", 1, ChartSeries::Form::line, {}};
  ChartSeries errors{"errors", 4, ChartSeries::Form::bars, {}};
  for (std::size_t i = 0; i < chart.x.size(); ++i) {
    const TimeSlot& slot = result.slots[i];
    // The last one may be cut short.
    const std::int64_t start_ns = static_cast<std::int64_t>(i) * result.slot_ns;
    const double length_s = seconds(std::min(result.slot_ns, result.measured_ns - start_ns));
    due.values.push_back(static_cast<double>(slot.due) / length_s);
    answered.values.push_back(static_cast<double>(slot.answered) / length_s);
    errors.values.push_back(static_cast<double>(slot.errors) / length_s);
  }
  chart.series = {errors, due, answered};
  return chart;
}

// The latency and the service time at each share of the requests, the rare ones stretched out.
Chart percentile_chart(const LoadResult& result) {
  Chart chart;
  chart.title = "How many waited how long";
  chart.note =
      "The further right, the fewer requests were slower. Latency counts the wait for the server "
      "before a request could be sent; service time does not.";
  chart.unit = ChartUnit::microseconds;
  chart.logarithmic = true;
  const DigitHistogram latency_us = result.latency_us();
  const DigitHistogram service_us = result.service_us();
  if (latency_us.count() == 0) return chart;
  ChartSeries latency{"latency", 2, ChartSeries::Form::line, {}};
  ChartSeries service{"service time", 1, ChartSeries::Form::line, {}};
  const double nines = std::log10(static_cast<double>(latency_us.count()));
  for (double x = 0; x <= nines; x += nines / 120 + 1e-9) {
    const double percentile = 100 * (1 - std::pow(10, -x));
    chart.x.push_back(x);
    char word[32];
    std::snprintf(word, sizeof word, "at p%.6g", percentile);
    chart.x_words.emplace_back(word);
    latency.values.push_back(std::max(1.0, static_cast<double>(latency_us.value_at(percentile))));
    service.values.push_back(std::max(1.0, static_cast<double>(service_us.value_at(percentile))));
  }
  const std::pair<double, const char*> marks[] = {{0, "0"},      {0.30103, "p50"}, {1, "p90"},
                                                  {2, "p99"},    {3, "p99.9"},     {4, "p99.99"},
                                                  {5, "p99.999"}};
  for (const auto& [at, word] : marks) {
    if (at <= nines) chart.x_marks.emplace_back(at, word);
  }
  chart.series = {latency, service};
  return chart;
}

std::vector<std::string> table_row(const std::string& name, const DigitHistogram& histogram_us) {
  std::vector<std::string> row = {name, std::to_string(histogram_us.count())};
  std::ranges::copy(latency_cells(histogram_us), std::back_inserter(row));
  return row;
}

std::string tables(const LoadResult& result) {
  std::vector<std::vector<std::string>> rows = {{"route", "answers"}};
  std::ranges::copy(kLatencyHeads, std::back_inserter(rows.front()));
  for (std::size_t i = 0; i < kLoadRoutes; ++i) {
    if (result.routes[i].latency_us.count() == 0) continue;
    rows.push_back(table_row(std::string(kLoadRouteNames[i]), result.routes[i].latency_us));
    rows.push_back(table_row("service time", result.routes[i].service_us));
  }
  std::string html = html_table("Latency, and service time below it", rows);
  rows = {{"answer", "route", "count"}};
  for (const AnswerCount& answer : result.answers) {
    const std::string status = answer.status == 0 ? "none" : std::to_string(answer.status);
    rows.push_back({status + ' ' + answer.code,
                    std::string(kLoadRouteNames[static_cast<std::size_t>(answer.route)]),
                    std::to_string(answer.count)});
  }
  return html + html_table("What was answered", rows);
}

std::string heading(const LoadOptions& options, const LoadResult& result,
                    const std::vector<std::string>& missed) {
  std::string html = "<h1>playhead load</h1><p class=\"soft\">";
  html += std::to_string(options.viewers) + " viewers";
  if (options.rate_per_s) {
    html += ", " + chart_value(ChartUnit::per_second, *options.rate_per_s) + " asked for";
  }
  html += options.arrivals == Arrivals::aligned ? ", everyone in step" : ", Poisson arrivals";
  html += ", " + std::to_string(options.connections) + " connections, for " +
          in_seconds(seconds(result.measured_ns)) + ", at " + escaped(options.target.host) + "</p>";
  for (const std::string& one : missed) {
    html += "<p class=\"verdict bad\">Objective missed: " + escaped(one) + "</p>";
  }
  if (const std::string limit = generator_limit(result); !limit.empty()) {
    html += std::string("<p class=\"verdict") + (generator_full(result) ? " bad" : "") +
            "\">Mind: " + escaped(limit) + ".</p>";
  }
  return html;
}

}  // namespace

std::string load_html(const LoadOptions& options, const LoadResult& result,
                      const std::vector<std::string>& missed) {
  const DigitHistogram latency_us = result.latency_us();
  const auto at = [&](double percentile) {
    return format_us(static_cast<double>(latency_us.value_at(percentile)));
  };
  std::string body = heading(options, result, missed);
  body += html_tiles(
      {{chart_value(ChartUnit::per_second, result.in_time_per_s()), "answered with success"},
       {at(50), "p50 latency"},
       {at(99), "p99 latency"},
       {at(99.9), "p99.9 latency"},
       {format_us(static_cast<double>(latency_us.max())), "slowest"},
       {std::to_string(result.errors()), "errors of " + std::to_string(result.due)}});
  body += html_chart(latency_chart(result));
  body += html_chart(throughput_chart(result));
  body += html_chart(percentile_chart(result));
  body += tables(result);
  return html_page("playhead load", body);
}

}  // namespace playhead
