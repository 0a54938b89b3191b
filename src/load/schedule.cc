// A wheel for viewers with beats, a ring for rates and for everyone at once.
#include "load/schedule.h"

#include <algorithm>
#include <cmath>

namespace playhead {

LoadSchedule::LoadSchedule(const LoadOptions& options, std::size_t index, std::int64_t end_ns)
    : viewers_(static_cast<std::uint32_t>(share_of(options.viewers, index, options.threads)),
               options.first_viewer + static_cast<std::uint32_t>(index),
               static_cast<std::uint32_t>(options.threads),
               {options.beat_ms, options.reads_percent, options.videos, options.seed}),
      end_ns_(end_ns),
      by_wheel_(!options.rate_per_s && options.arrivals == Arrivals::poisson),
      arrivals_(options.arrivals),
      beat_ns_(options.beat_ms * kMillisecondNs),
      random_state_(mixed(options.seed + 1) ^ mixed(index)) {
  ended_ = viewers_.count() == 0 || end_ns <= 0;
  if (!by_wheel_) {
    if (options.rate_per_s) {
      gap_ns_ = static_cast<double>(kSecondNs) * static_cast<double>(options.threads) /
                *options.rate_per_s;
    }
    if (arrivals_ == Arrivals::poisson) plan_ring();
    return;
  }
  heads_.assign(kSlots, kNobody);
  next_.assign(viewers_.count(), kNobody);
  due_ns_.assign(viewers_.count(), 0);
  for (std::uint32_t i = 0; i < viewers_.count(); ++i) insert(i, viewers_.first_phase_ns(i));
}

// What is further away than the wheel is round comes by once a round, and stays.
void LoadSchedule::insert(std::uint32_t viewer, std::int64_t due_ns) {
  due_ns_[viewer] = due_ns;
  const std::int64_t slot = std::max(due_ns / kMillisecondNs, slot_);
  std::uint32_t& head = heads_[static_cast<std::size_t>(slot) % kSlots];
  next_[viewer] = head;
  head = viewer;
}

// Looks at slots up to now until one has something due; false where none has.
bool LoadSchedule::turn_wheel(std::int64_t now_ns) {
  while (current_.empty() && slot_ * kMillisecondNs <= now_ns) {
    const std::int64_t slot = slot_++;
    std::uint32_t viewer = heads_[static_cast<std::size_t>(slot) % kSlots];
    heads_[static_cast<std::size_t>(slot) % kSlots] = kNobody;
    while (viewer != kNobody) {
      const std::uint32_t following = next_[viewer];
      const std::int64_t due_ns = due_ns_[viewer];
      if (due_ns / kMillisecondNs > slot) {
        insert(viewer, due_ns);
      } else {
        current_.push_back({due_ns, viewer});
      }
      viewer = following;
    }
    std::sort(current_.begin(), current_.end(),
              [](const Due& a, const Due& b) { return a.at_ns > b.at_ns; });
  }
  return !current_.empty();
}

std::optional<PlannedRequest> LoadSchedule::take_from_wheel(std::int64_t now_ns) {
  if (!turn_wheel(std::min(now_ns, end_ns_))) {
    ended_ = slot_ * kMillisecondNs >= end_ns_;
    return std::nullopt;
  }
  const Due due = current_.back();
  if (due.at_ns > now_ns) return std::nullopt;
  if (due.at_ns >= end_ns_) {
    ended_ = true;
    return std::nullopt;
  }
  current_.pop_back();
  auto step = viewers_.step(due.viewer);
  step.request.due_ns = due.at_ns;
  insert(due.viewer, due.at_ns + std::max(step.then_ns, kMillisecondNs));
  return step.request;
}

double LoadSchedule::random() {
  random_state_ += 1;
  return static_cast<double>((mixed(random_state_) >> 11U) + 1) * 0x1p-53;
}

// The gaps of a Poisson process are exponential.
void LoadSchedule::plan_ring() {
  if (arrivals_ == Arrivals::poisson) {
    ring_due_ns_ += -std::log(random()) * gap_ns_;
  } else if (ring_viewer_ == 0) {
    ring_due_ns_ += static_cast<double>(beat_ns_);
  }
}

std::optional<PlannedRequest> LoadSchedule::take_from_ring(std::int64_t now_ns) {
  const auto due_ns = static_cast<std::int64_t>(ring_due_ns_);
  if (due_ns > now_ns) return std::nullopt;
  if (due_ns >= end_ns_) {
    ended_ = true;
    return std::nullopt;
  }
  auto step = viewers_.step(ring_viewer_);
  step.request.due_ns = due_ns;
  // In step is who reports: what they ask for before, or look at in between, is on top.
  if (arrivals_ == Arrivals::aligned && step.request.route != LoadRoute::report) {
    return step.request;
  }
  ring_viewer_ = (ring_viewer_ + 1) % viewers_.count();
  plan_ring();
  return step.request;
}

std::optional<PlannedRequest> LoadSchedule::take(std::int64_t now_ns) {
  if (ended_) return std::nullopt;
  return by_wheel_ ? take_from_wheel(now_ns) : take_from_ring(now_ns);
}

std::int64_t LoadSchedule::next_due_ns() const {
  if (ended_) return end_ns_;
  if (!by_wheel_) return static_cast<std::int64_t>(ring_due_ns_);
  if (!current_.empty()) return current_.back().at_ns;
  // A look ahead of so much is cheap, and waking up then is no harm.
  constexpr std::int64_t kAhead = 50;
  std::int64_t slot = slot_;
  while (slot < slot_ + kAhead && heads_[static_cast<std::size_t>(slot) % kSlots] == kNobody) {
    ++slot;
  }
  return slot * kMillisecondNs;
}

}  // namespace playhead
