// Divisions, mostly.
#include "load/plan.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>

namespace playhead {
namespace {

constexpr double kSecondsAnHour = 3'600;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

const ThreadCapacity* one_core(const CapacityResult& result) {
  for (const ThreadCapacity& one : result.threads) {
    if (one.threads == 1 && !one.shared_cores && one.knee_per_s > 0) return &one;
  }
  return nullptr;
}

double requests_of_a_viewer(const CapacityResult& result) {
  const double reports_per_s = 1'000.0 / static_cast<double>(result.beat_ms);
  return reports_per_s / (1 - result.reads_percent / 100);
}

double viewers_a_core(const CapacityResult& result) {
  const ThreadCapacity* const one = one_core(result);
  return one == nullptr ? 0 : one->knee_per_s / requests_of_a_viewer(result);
}

double written_at(const CapacityResult& result, double rate_per_s) {
  const ThreadCapacity* const one = one_core(result);
  if (one == nullptr) return 0;
  std::map<double, std::vector<double>> runs;  // by rate
  for (const CapacityRun& run : one->runs) {
    if (run.kept && run.written_bytes > 0) runs[run.rate_per_s].push_back(run.written_bytes);
  }
  if (runs.empty()) return 0;
  const auto above = runs.lower_bound(rate_per_s);
  if (above == runs.begin()) return median(above->second);
  const auto below = std::prev(above);
  if (above == runs.end()) return median(below->second);
  const double part = (rate_per_s - below->first) / (above->first - below->first);
  return std::lerp(median(below->second), median(above->second), part);
}

Result<Plan> plan_for(const CapacityResult& result, std::uint64_t audience,
                      const PlanAssumptions& assumptions) {
  const double held = viewers_a_core(result);
  const Footprint& footprint = result.footprint;
  if (held <= 0) {
    return fail(ErrorCode::invalid_field,
                "one thread with a core of its own was not measured, or kept the objective at no "
                "rate");
  }
  if (footprint.connections == 0 || footprint.records == 0) {
    return fail(ErrorCode::invalid_field,
                "memory and disk were not measured: run capacity without --target");
  }
  Plan plan;
  plan.audience = audience;
  const auto people = static_cast<double>(audience);
  plan.requests_per_s = people * requests_of_a_viewer(result);
  plan.containers_for_cpu = people / (held * assumptions.use_percent / 100);
  const double records =
      people * assumptions.titles_a_day * static_cast<double>(assumptions.days_kept);
  // Each container has its own caches; connections and records are shared out.
  const double shared = people * (footprint.per_connection + footprint.per_connection_kernel) +
                        records * footprint.per_record_memory;
  const double room =
      assumptions.container_bytes * assumptions.memory_percent / 100 - footprint.under_load;
  plan.containers_for_memory = room > 0 ? shared / room : std::numeric_limits<double>::infinity();
  const double needed = std::max({plan.containers_for_cpu, plan.containers_for_memory, 1.0});
  if (!std::isfinite(needed)) {
    return fail(ErrorCode::invalid_field,
                "one container cannot hold the caches alone, which are " +
                    format_bytes(footprint.under_load) +
                    ": give it more with --container-memory, or --use-memory");
  }
  // A result that asks for more was made up.
  if (needed > 1e12) return fail(ErrorCode::invalid_field, "it holds no viewer to speak of");
  plan.containers = static_cast<std::uint64_t>(std::ceil(needed - 1e-9));
  const auto containers = static_cast<double>(plan.containers);
  plan.viewers_a_container = people / containers;
  plan.memory_a_container = footprint.under_load + shared / containers;
  const double reports_a_day = people * assumptions.hours_a_day * kSecondsAnHour * 1'000 /
                               static_cast<double>(result.beat_ms);
  plan.disk_growth_a_day = people * assumptions.titles_a_day * footprint.per_record_disk;
  plan.disk_kept = records * footprint.per_record_disk + containers * assumptions.log_bytes;
  const double written = written_at(result, plan.requests_per_s / containers);
  if (written > 0) plan.written_a_day = reports_a_day * written;
  return plan;
}

}  // namespace playhead
