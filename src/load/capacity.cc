// The file of a capacity search. What has which members is said once, for writing and for reading.
#include "load/capacity.h"

#include <algorithm>
#include <concepts>
#include <limits>
#include <type_traits>

#include <boost/json.hpp>

namespace playhead {
namespace {

namespace json = boost::json;

template <typename T, typename Of>
concept Like = std::same_as<std::remove_const_t<T>, Of>;

template <typename T>
concept Many = requires(T value) {
  value.emplace_back();
};

// Results of before 2026-11-27 have no such member: it was not seen.
constexpr bool kMayLack = true;

void each_member(Like<CapacityRun> auto& run, auto&& visit) {
  visit("rate_per_s", run.rate_per_s);
  visit("succeeded_per_s", run.succeeded_per_s);
  visit("p50_us", run.p50_us);
  visit("p99_us", run.p99_us);
  visit("errors", run.errors);
  visit("server_cpu_us", run.server_cpu_us);
  visit("written_bytes", run.written_bytes, kMayLack);
  visit("kept", run.kept);
  visit("generator_limited", run.generator_limited);
}

void each_member(Like<ThreadCapacity> auto& threads, auto&& visit) {
  visit("threads", threads.threads);
  visit("shared_cores", threads.shared_cores);
  visit("knee_per_s", threads.knee_per_s);
  visit("at_least", threads.at_least);
  visit("runs", threads.runs);
}

void each_member(Like<Footprint> auto& footprint, auto&& visit) {
  visit("at_rest_bytes", footprint.at_rest);
  visit("under_load_bytes", footprint.under_load);
  visit("per_connection_bytes", footprint.per_connection);
  visit("per_connection_kernel_bytes", footprint.per_connection_kernel, kMayLack);
  visit("connections", footprint.connections);
  visit("per_record_memory_bytes", footprint.per_record_memory);
  visit("per_record_disk_bytes", footprint.per_record_disk);
  visit("records", footprint.records);
}

void each_member(Like<CapacityResult> auto& result, auto&& visit) {
  visit("machine", result.machine);
  visit("version", result.version);
  visit("date", result.date);
  visit("slo", result.slo);
  visit("reads_percent", result.reads_percent);
  visit("beat_ms", result.beat_ms);
  visit("connections", result.connections);
  visit("threads", result.threads);
  visit("footprint", result.footprint);
}

template <typename T>
json::value to_json(const T& value) {
  if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>) {
    return json::value(value);
  } else if constexpr (Many<T>) {
    json::array list;
    for (const auto& one : value) list.push_back(to_json(one));
    return list;
  } else {
    json::object object;
    each_member(value, [&](const char* name, const auto& member, bool = false) {
      object[name] = to_json(member);
    });
    return object;
  }
}

// Reads what to_json wrote; false where it is of another kind. `wrong` becomes the name of a member
// that is missing or not usable.
template <typename T>
bool from_json(const json::value& value, T& out, std::string& wrong) {
  if constexpr (std::same_as<T, bool>) {
    if (!value.is_bool()) return false;
    out = value.get_bool();
  } else if constexpr (std::is_arithmetic_v<T>) {
    // No count or size of ours is below zero, or a quadrillion.
    constexpr double kMost = std::min(1e15, static_cast<double>(std::numeric_limits<T>::max()));
    boost::system::error_code error;
    const auto number = value.to_number<double>(error);
    if (error || !(number >= 0 && number <= kMost)) return false;
    out = static_cast<T>(number);
  } else if constexpr (std::same_as<T, std::string>) {
    if (!value.is_string()) return false;
    out = std::string(value.get_string());
  } else if constexpr (Many<T>) {
    if (!value.is_array()) return false;
    for (const json::value& one : value.get_array()) {
      if (!from_json(one, out.emplace_back(), wrong)) return false;
    }
  } else {
    if (!value.is_object()) return false;
    each_member(out, [&](const char* name, auto& member, bool may_lack = false) {
      const json::value* const there = value.get_object().if_contains(name);
      if (there == nullptr && may_lack) return;
      if (there == nullptr || !from_json(*there, member, wrong)) wrong = name;
    });
  }
  return true;
}

}  // namespace

std::string capacity_json(const CapacityResult& result) {
  return json::serialize(to_json(result)) + '\n';
}

Result<CapacityResult> parse_capacity(const std::string& text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error) return fail(ErrorCode::invalid_field, "it is no JSON");
  std::string wrong;
  CapacityResult result;
  if (!from_json(value, result, wrong)) return fail(ErrorCode::invalid_field, "it is no object");
  if (wrong.empty() && result.beat_ms < 1) wrong = "beat_ms";
  if (wrong.empty() && result.reads_percent >= 100) wrong = "reads_percent";
  if (wrong.empty()) return result;
  return fail(ErrorCode::invalid_field, "it has no usable \"" + wrong + "\"");
}

}  // namespace playhead
