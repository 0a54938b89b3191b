// Counters, gauges and histograms that cost no lock: one thread writes, any thread reads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace playhead {

/// A number that only its owning thread changes; a scrape reads it from another. A relaxed load and
/// store compile to plain moves, where a fetch_add by many threads would share a cache line.
class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A histogram over fixed upper bounds, in whatever whole unit its owner names. One writer thread.
template <std::size_t N>
class Histogram {
 public:
  explicit constexpr Histogram(const std::array<std::uint64_t, N>& bounds) : bounds_(bounds) {}

  void observe(std::uint64_t value, std::uint64_t times = 1) {
    std::size_t i = 0;
    while (i < N && value > bounds_[i]) ++i;
    counts_[i].add(times);
    sum_.add(value * times);
  }

  const std::array<std::uint64_t, N>& bounds() const { return bounds_; }
  /// Observations in bucket i alone; i == N is everything past the last bound.
  std::uint64_t count(std::size_t i) const { return counts_[i].value(); }
  std::uint64_t sum() const { return sum_.value(); }

 private:
  std::array<std::uint64_t, N> bounds_;
  std::array<Counter, N + 1> counts_{};
  Counter sum_;
};

/// Latency bounds in microseconds, from 0.1 ms (a commit here takes 0.3 ms) to 10 s.
constexpr std::array<std::uint64_t, 16> kLatencyBoundsUs = {
    100,    250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,
    50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};

/// Sizes of a group commit in writes; the queue holds 2^16 by default.
constexpr std::array<std::uint64_t, 12> kBatchBounds = {1,  2,   4,   8,    16,   32,
                                                        64, 128, 256, 1024, 4096, 16384};

using LatencyHistogram = Histogram<kLatencyBoundsUs.size()>;
using BatchHistogram = Histogram<kBatchBounds.size()>;

}  // namespace playhead
