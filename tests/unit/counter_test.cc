// Counters and the bucket edges of histograms.
#include "base/counter.h"

#include <array>
#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

namespace playhead {
namespace {

constexpr std::array<std::uint64_t, 3> kBounds = {10, 20, 40};

TEST(Counter, AddsAndSets) {
  Counter counter;
  EXPECT_EQ(counter.value(), 0U);
  counter.add();
  counter.add(41);
  EXPECT_EQ(counter.value(), 42U);
  counter.set(7);
  EXPECT_EQ(counter.value(), 7U);
}

TEST(Counter, IsReadWhileItIsWritten) {
  Counter counter;
  std::jthread writer([&] {
    for (int i = 0; i < 100'000; ++i) counter.add();
  });
  std::uint64_t last = 0;
  while (last < 100'000) {
    const std::uint64_t now = counter.value();
    ASSERT_GE(now, last);
    last = now;
  }
  writer.join();
  EXPECT_EQ(counter.value(), 100'000U);
}

TEST(Histogram, PutsAValueAtABoundIntoItsBucket) {
  struct Case {
    std::uint64_t value;
    std::size_t bucket;
  };
  const Case cases[] = {{0, 0},  {9, 0},  {10, 0}, {11, 1},        {20, 1},
                        {21, 2}, {40, 2}, {41, 3}, {UINT64_MAX, 3}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.value);
    Histogram<3> histogram(kBounds);
    histogram.observe(c.value);
    for (std::size_t i = 0; i <= kBounds.size(); ++i) {
      EXPECT_EQ(histogram.count(i), i == c.bucket ? 1U : 0U);
    }
    EXPECT_EQ(histogram.sum(), c.value);
  }
}

TEST(Histogram, ObservesSeveralAtOnce) {
  Histogram<3> histogram(kBounds);
  histogram.observe(15, 4);
  histogram.observe(15);
  EXPECT_EQ(histogram.count(1), 5U);
  EXPECT_EQ(histogram.sum(), 75U);
  EXPECT_EQ(histogram.bounds(), kBounds);
}

template <std::size_t N>
bool rises(const std::array<std::uint64_t, N>& bounds) {
  for (std::size_t i = 1; i < N; ++i) {
    if (bounds[i] <= bounds[i - 1]) return false;
  }
  return true;
}

TEST(Histogram, HasBoundsThatRise) {
  EXPECT_TRUE(rises(kLatencyBoundsUs));
  EXPECT_TRUE(rises(kBatchBounds));
}

}  // namespace
}  // namespace playhead
