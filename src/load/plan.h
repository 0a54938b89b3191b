// The arithmetic from what was measured to what an audience needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load/capacity.h"

namespace playhead {

/// What is not measured: habits and caution.
struct PlanAssumptions {
  /// How much of the highest good rate is planned with; the rest is for bursts and lost containers.
  double use_percent = 70;
  /// How much of a container's memory likewise: the kernel ends what passes the limit.
  double memory_percent = 80;
  double hours_a_day = 2;   ///< that a viewer watches
  double titles_a_day = 3;  ///< that a viewer starts, each a record
  std::int64_t days_kept = 90;
  double container_bytes = 2.0 * (1U << 30U);
  /// A container's write-ahead logs, beside its records: they are deleted past this
  /// (docs/operations/deploy.md).
  double log_bytes = 512.0 * (1U << 20U);
};

/// What an audience that watches at the same time needs, in containers of one core.
struct Plan {
  std::uint64_t audience = 0;
  double requests_per_s = 0;
  double containers_for_cpu = 0;     ///< not rounded
  double containers_for_memory = 0;  ///< not rounded; infinite where one cannot even hold itself
  std::uint64_t containers = 0;
  double viewers_a_container = 0;
  double memory_a_container = 0;  ///< in bytes, the kernel's for connections among them
  double disk_growth_a_day = 0;   ///< in bytes, of all containers
  double disk_kept = 0;           ///< in bytes, of all containers, after the days that are kept
  /// In bytes, of all containers; nothing where what a report writes was not seen.
  std::optional<double> written_a_day;
};

/// The search with one thread on a core of its own, that held something; nullptr where there is
/// none. Of `result`.
const ThreadCapacity* one_core(const CapacityResult& result);

/// Requests a second of one viewer: a report each beat, and the GETs that go with it.
double requests_of_a_viewer(const CapacityResult& result);

/// Viewers that one core holds at its highest good rate, before any caution; 0 where one core was
/// not measured.
double viewers_a_core(const CapacityResult& result);

/// Bytes that one thread with a core of its own gives to the disk for a report where it has so many
/// requests a second: with few, each is a sync of its own. The median of the runs at the measured
/// rates (of two the greater), between them in proportion, and outside that of the nearest; 0 where
/// none was seen.
double written_at(const CapacityResult& result, double rate_per_s);

/// The error says why a result does not carry a plan.
Result<Plan> plan_for(const CapacityResult& result, std::uint64_t audience,
                      const PlanAssumptions& assumptions);

/// The plan for several audiences, as lines for people: what was measured, what is assumed, and the
/// arithmetic told apart.
std::string plan_text(const CapacityResult& result, const std::vector<Plan>& plans,
                      const PlanAssumptions& assumptions);
/// The table of it: a row a quantity, a column an audience.
std::vector<std::vector<std::string>> plan_rows(const std::vector<Plan>& plans);
/// What was measured, and what is assumed: two columns.
std::vector<std::vector<std::string>> measured_rows(const CapacityResult& result);
std::vector<std::vector<std::string>> assumed_rows(const CapacityResult& result,
                                                   const PlanAssumptions& assumptions);

/// "659 B", "1.5 KiB", "2.0 GiB".
std::string format_bytes(double bytes);
/// "10,000,000".
std::string format_count(double count);

}  // namespace playhead
