// The start and finish lines of docs/rules.md.
#include "domain/lines.h"

#include <limits>

namespace playhead {
namespace {

constexpr std::int32_t kWholeBp = 10'000;

bool known_duration(const Extent& extent) {
  return extent.duration_ms && *extent.duration_ms > 0;
}

}  // namespace

bool has_percent(const Extent& extent) {
  return extent.percent_bp || (extent.position_ms && known_duration(extent));
}

std::optional<std::int32_t> percent_bp(const Extent& extent) {
  if (!extent.position_ms || !known_duration(extent)) return extent.percent_bp;
  if (*extent.position_ms >= *extent.duration_ms) return kWholeBp;
  // Rounded down, so that a title is never shown further than it was watched; doubles are off by
  // one here and there.
  std::int64_t rest = *extent.position_ms;
  if (rest <= std::numeric_limits<std::int64_t>::max() / kWholeBp) {
    return static_cast<std::int32_t>(rest * kWholeBp / *extent.duration_ms);
  }
  // Long division, four decimal digits: the product does not fit.
  std::int32_t bp = 0;
  for (std::int32_t unit = kWholeBp / 10; unit > 0; unit /= 10) {
    rest *= 10;
    bp += unit * static_cast<std::int32_t>(rest / *extent.duration_ms);
    rest %= *extent.duration_ms;
  }
  return bp;
}

std::optional<std::int64_t> position_ms(const Extent& extent) {
  if (extent.position_ms) return extent.position_ms;
  if (!extent.percent_bp || !known_duration(extent)) return std::nullopt;
  return *extent.duration_ms / kWholeBp * *extent.percent_bp +
         *extent.duration_ms % kWholeBp * *extent.percent_bp / kWholeBp;
}

bool at_zero(const Extent& extent) {
  if (extent.position_ms) return *extent.position_ms == 0;
  return extent.percent_bp.value_or(0) == 0;
}

bool past_start(const Extent& extent, const Policy& policy) {
  const auto position = position_ms(extent);
  if (position && *position >= policy.start_position_ms) return true;
  const auto percent = percent_bp(extent);
  return percent && *percent >= policy.start_percent_bp;
}

bool past_finish(const Extent& extent, const Policy& policy) {
  const auto position = position_ms(extent);
  const auto percent = percent_bp(extent);
  // A live stream, which has no extent, is never finished by position.
  if (!percent) return false;
  if (extent.credits_ms && position) return *position >= *extent.credits_ms;
  if (*percent >= policy.finish_percent_bp) return true;
  if (!position || !known_duration(extent)) return false;
  return *extent.duration_ms >= policy.finish_left_min_duration_ms &&
         *extent.duration_ms - *position <= policy.finish_left_ms;
}

}  // namespace playhead
