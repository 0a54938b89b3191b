// Adding up.
#include "load/results.h"

#include <algorithm>

namespace playhead {
namespace {

// No slot is shorter: a picture of a second wants some points too, and no more.
constexpr std::int64_t kSlotNsMin = 100 * kMillisecondNs;

// A loop that is never idle cannot be punctual.
constexpr double kBusyMax = 0.95;
// A millisecond is the precision that latencies of an HTTP service over a network are told in.
constexpr std::uint64_t kLagUsMax = 1'000;
// Less than so much of the latency is not what it tells of.
constexpr std::uint64_t kLagPartMin = 4;

}  // namespace

LoadResult::LoadResult(std::int64_t measured)
    : slot_ns(std::max(measured / kTimeSlots, kSlotNsMin)), measured_ns(measured) {
  slots.resize(static_cast<std::size_t>((measured + slot_ns - 1) / slot_ns));
}

void LoadResult::count_answer(LoadRoute route, unsigned status, std::string_view code) {
  for (AnswerCount& known : answers) {
    if (known.route == route && known.status == status && known.code == code) {
      ++known.count;
      return;
    }
  }
  if (answers.size() < kAnswerKindsMax) {
    answers.push_back({route, status, std::string(code), 1});
    return;
  }
  answers.back().code = "other";
  ++answers.back().count;
}

void LoadResult::merge(const LoadResult& other) {
  for (std::size_t i = 0; i < kLoadRoutes; ++i) {
    routes[i].latency_us.merge(other.routes[i].latency_us);
    routes[i].service_us.merge(other.routes[i].service_us);
    routes[i].in_time += other.routes[i].in_time;
  }
  for (std::size_t i = 0; i < slots.size() && i < other.slots.size(); ++i) {
    slots[i].latency_us.merge(other.slots[i].latency_us);
    slots[i].due += other.slots[i].due;
    slots[i].answered += other.slots[i].answered;
    slots[i].errors += other.slots[i].errors;
  }
  for (const AnswerCount& more : other.answers) {
    count_answer(more.route, more.status, more.code);
    const auto known = std::find_if(answers.begin(), answers.end(), [&](const AnswerCount& one) {
      return one.route == more.route && one.status == more.status && one.code == more.code;
    });
    (known == answers.end() ? answers.back() : *known).count += more.count - 1;
  }
  lag_us.merge(other.lag_us);
  due += other.due;
  succeeded += other.succeeded;
  waited_for_connection += other.waited_for_connection;
  bytes_read += other.bytes_read;
  connects += other.connects;
  connects_failed += other.connects_failed;
  busy = std::max(busy, other.busy);
}

double LoadResult::in_time_per_s() const {
  std::uint64_t in_time = 0;
  for (const RouteResult& route : routes) in_time += route.in_time;
  return static_cast<double>(in_time) * 1e9 /
         static_cast<double>(std::max<std::int64_t>(1, measured_ns));
}

DigitHistogram LoadResult::latency_us() const {
  DigitHistogram all(kLatencyDigits, kLatencyUsMax);
  for (const RouteResult& route : routes) all.merge(route.latency_us);
  return all;
}

DigitHistogram LoadResult::service_us() const {
  DigitHistogram all(kLatencyDigits, kLatencyUsMax);
  for (const RouteResult& route : routes) all.merge(route.service_us);
  return all;
}

bool is_success(LoadRoute route, unsigned status) {
  if (route == LoadRoute::resume_point && status == 404) return true;
  return (status >= 200 && status < 300) || status == 304;
}

bool generator_full(const LoadResult& result) {
  return result.busy >= kBusyMax;
}

std::string generator_limit(const LoadResult& result) {
  const std::uint64_t lag_us = result.lag_us.value_at(99);
  const bool late = lag_us > kLagUsMax && lag_us * kLagPartMin > result.latency_us().value_at(99);
  const std::string busy = std::to_string(static_cast<int>(result.busy * 100)) + " % of the time";
  if (generator_full(result)) {
    return "the generator itself was the limit: it was busy " + busy +
           "; give it more --threads and cores, or ask for less";
  }
  if (!late) return {};
  return "the generator had to wait for a core, though it was busy only " + busy +
         ": 1 % of the requests went out " + std::to_string(lag_us) +
         " us late or more, which is in these latencies. The server or another program takes its "
         "cores";
}

}  // namespace playhead
