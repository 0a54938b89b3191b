// When each request falls due, decided before anything is sent.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "load/options.h"
#include "load/planned_request.h"
#include "load/viewers.h"

namespace playhead {

/// The requests of one loop in the order they fall due. It knows nothing of answers: how the server
/// fares moves no due time (an open model). Not thread safe.
class LoadSchedule {
 public:
  /// `index` of `options.threads` loops. Nothing falls due at or after `end_ns`.
  LoadSchedule(const LoadOptions& options, std::size_t index, std::int64_t end_ns);

  /// The next request that is due at `now_ns`, or nothing.
  std::optional<PlannedRequest> take(std::int64_t now_ns);
  /// Nothing falls due before this; it may be earlier than the next request. The end where no
  /// request is left.
  std::int64_t next_due_ns() const;
  bool ended() const { return ended_; }

  const LoadViewers& viewers() const { return viewers_; }

 private:
  struct Due {
    std::int64_t at_ns;
    std::uint32_t viewer;
  };

  void insert(std::uint32_t viewer, std::int64_t due_ns);
  bool turn_wheel(std::int64_t now_ns);
  std::optional<PlannedRequest> take_from_wheel(std::int64_t now_ns);
  std::optional<PlannedRequest> take_from_ring(std::int64_t now_ns);
  void plan_ring();
  double random();

  // Viewers with a beat of their own wait in a wheel of milliseconds, one list a slot.
  static constexpr std::size_t kSlots = 1U << 15U;
  static constexpr std::uint32_t kNobody = ~std::uint32_t{0};

  LoadViewers viewers_;
  std::int64_t end_ns_;
  bool ended_ = false;

  bool by_wheel_;
  std::vector<std::uint32_t> heads_;  ///< by slot
  std::vector<std::uint32_t> next_;   ///< by viewer
  std::vector<std::int64_t> due_ns_;  ///< by viewer
  std::vector<Due> current_;          ///< of the slot at hand, latest first
  std::int64_t slot_ = 0;             ///< the next to be looked at

  // A rate goes round the viewers, one request each.
  Arrivals arrivals_;
  double gap_ns_ = 0;
  std::int64_t beat_ns_;
  std::uint32_t ring_viewer_ = 0;
  double ring_due_ns_ = 0;
  std::uint64_t random_state_;
};

}  // namespace playhead
