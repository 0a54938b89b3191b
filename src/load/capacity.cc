// The file of a capacity search.
#include "load/capacity.h"

#include <boost/json.hpp>

namespace playhead {
namespace {

namespace json = boost::json;

json::object run_json(const CapacityRun& run) {
  return {{"rate_per_s", run.rate_per_s},
          {"succeeded_per_s", run.succeeded_per_s},
          {"p50_us", run.p50_us},
          {"p99_us", run.p99_us},
          {"errors", run.errors},
          {"server_cpu_us", run.server_cpu_us},
          {"kept", run.kept},
          {"generator_limited", run.generator_limited}};
}

json::object footprint_json(const Footprint& footprint) {
  return {{"at_rest_bytes", footprint.at_rest},
          {"under_load_bytes", footprint.under_load},
          {"per_connection_bytes", footprint.per_connection},
          {"connections", footprint.connections},
          {"per_record_memory_bytes", footprint.per_record_memory},
          {"per_record_disk_bytes", footprint.per_record_disk},
          {"written_per_report_bytes", footprint.written_per_report},
          {"records", footprint.records}};
}

// Members of an object; what is missing or of another type is remembered, and read as nothing.
class Members {
 public:
  Members(const json::value& value, std::string& wrong)
      : object_(value.if_object()), wrong_(wrong) {
    if (object_ == nullptr) wrong_ = "an object";
  }

  double number(const char* name) {
    const json::value* const value = find(name);
    if (value == nullptr) return 0;
    boost::system::error_code error;
    const double number = value->to_number<double>(error);
    // No count or size of ours is below zero, or a quadrillion.
    const bool usable = !error && number >= 0 && number <= 1e15;
    if (!usable) wrong_ = name;
    return usable ? number : 0;
  }
  bool flag(const char* name) {
    const json::value* const value = find(name);
    if (value != nullptr && !value->is_bool()) wrong_ = name;
    return value != nullptr && value->is_bool() && value->get_bool();
  }
  std::string text(const char* name) {
    const json::value* const value = find(name);
    if (value == nullptr || !value->is_string()) {
      wrong_ = name;
      return {};
    }
    return std::string(value->get_string());
  }
  json::array list(const char* name) {
    const json::value* const value = find(name);
    if (value == nullptr || !value->is_array()) {
      wrong_ = name;
      return {};
    }
    return value->get_array();
  }
  json::value object(const char* name) {
    const json::value* const value = find(name);
    return value == nullptr ? json::value() : *value;
  }

 private:
  const json::value* find(const char* name) {
    const json::value* const value = object_ == nullptr ? nullptr : object_->if_contains(name);
    if (value == nullptr) wrong_ = name;
    return value;
  }

  const json::object* object_;
  std::string& wrong_;
};

CapacityRun read_run(const json::value& value, std::string& wrong) {
  Members of(value, wrong);
  CapacityRun run;
  run.rate_per_s = of.number("rate_per_s");
  run.succeeded_per_s = of.number("succeeded_per_s");
  run.p50_us = of.number("p50_us");
  run.p99_us = of.number("p99_us");
  run.errors = static_cast<std::uint64_t>(of.number("errors"));
  run.server_cpu_us = of.number("server_cpu_us");
  run.kept = of.flag("kept");
  run.generator_limited = of.flag("generator_limited");
  return run;
}

ThreadCapacity read_threads(const json::value& value, std::string& wrong) {
  Members of(value, wrong);
  ThreadCapacity threads;
  threads.threads = static_cast<unsigned>(of.number("threads"));
  threads.shared_cores = of.flag("shared_cores");
  threads.knee_per_s = of.number("knee_per_s");
  threads.at_least = of.flag("at_least");
  for (const auto& run : of.list("runs")) threads.runs.push_back(read_run(run, wrong));
  return threads;
}

Footprint read_footprint(const json::value& value, std::string& wrong) {
  Members of(value, wrong);
  Footprint footprint;
  footprint.at_rest = of.number("at_rest_bytes");
  footprint.under_load = of.number("under_load_bytes");
  footprint.per_connection = of.number("per_connection_bytes");
  footprint.connections = static_cast<std::uint64_t>(of.number("connections"));
  footprint.per_record_memory = of.number("per_record_memory_bytes");
  footprint.per_record_disk = of.number("per_record_disk_bytes");
  footprint.written_per_report = of.number("written_per_report_bytes");
  footprint.records = static_cast<std::uint64_t>(of.number("records"));
  return footprint;
}

}  // namespace

std::string capacity_json(const CapacityResult& result) {
  json::array threads;
  for (const ThreadCapacity& one : result.threads) {
    json::array runs;
    for (const CapacityRun& run : one.runs) runs.push_back(run_json(run));
    threads.push_back(json::object{{"threads", one.threads},
                                   {"shared_cores", one.shared_cores},
                                   {"knee_per_s", one.knee_per_s},
                                   {"at_least", one.at_least},
                                   {"runs", runs}});
  }
  return json::serialize(json::object{{"machine", result.machine},
                                      {"version", result.version},
                                      {"date", result.date},
                                      {"slo", result.slo},
                                      {"reads_percent", result.reads_percent},
                                      {"beat_ms", result.beat_ms},
                                      {"threads", threads},
                                      {"footprint", footprint_json(result.footprint)}}) +
         '\n';
}

Result<CapacityResult> parse_capacity(const std::string& text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error) return fail(ErrorCode::invalid_field, "it is no JSON");
  std::string wrong;
  Members of(value, wrong);
  CapacityResult result;
  result.machine = of.text("machine");
  result.version = of.text("version");
  result.date = of.text("date");
  result.slo = of.text("slo");
  result.reads_percent = of.number("reads_percent");
  result.beat_ms = static_cast<std::int64_t>(of.number("beat_ms"));
  for (const auto& one : of.list("threads")) result.threads.push_back(read_threads(one, wrong));
  result.footprint = read_footprint(of.object("footprint"), wrong);
  if (wrong.empty() && result.beat_ms < 1) wrong = "beat_ms";
  if (wrong.empty() && result.reads_percent >= 100) wrong = "reads_percent";
  if (wrong.empty()) return result;
  return fail(ErrorCode::invalid_field, "it has no usable \"" + wrong + "\"");
}

}  // namespace playhead
