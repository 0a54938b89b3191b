// The load generator's histogram against exact quantiles.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "load/histogram.h"

namespace playhead {
namespace {

constexpr std::uint64_t kHighest = 3'600'000'000;

std::vector<std::uint64_t> some_values() {
  // Over all magnitudes alike: a uniform draw would hardly ever be small.
  const auto magnitudes = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint64_t>>(
      rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 32), rc::gen::arbitrary<std::uint32_t>()),
                   [](std::pair<int, std::uint32_t> drawn) {
                     return std::uint64_t{drawn.second} >> static_cast<unsigned>(drawn.first);
                   })));
  std::vector<std::uint64_t> values;
  for (const std::uint64_t value : magnitudes) values.push_back(std::min(value, kHighest));
  return values;
}

// The value that `percentile` of all are not greater than, by sorting.
std::uint64_t exact(std::vector<std::uint64_t> values, double percentile) {
  std::sort(values.begin(), values.end());
  const double wanted = std::ceil(percentile / 100 * static_cast<double>(values.size()) - 1e-9);
  return values[static_cast<std::size_t>(std::max(1.0, wanted)) - 1];
}

RC_GTEST_PROP(DigitHistogram, TellsQuantilesToItsDigits, ()) {
  const unsigned digits = *rc::gen::inRange(1U, 5U);
  DigitHistogram histogram(digits, kHighest);
  const auto values = some_values();
  for (const std::uint64_t value : values) histogram.record(value);
  for (const double percentile : {0.0, 1.0, 25.0, 50.0, 90.0, 95.0, 99.0, 99.9, 100.0}) {
    const std::uint64_t wanted = exact(values, percentile);
    const std::uint64_t told = histogram.value_at(percentile);
    RC_ASSERT(told >= wanted);
    RC_ASSERT(static_cast<double>(told - wanted) <=
              static_cast<double>(wanted) / std::pow(10.0, digits));
  }
}

RC_GTEST_PROP(DigitHistogram, CountsMaximumAndMeanAreExact, ()) {
  DigitHistogram histogram(3, kHighest);
  const auto values = some_values();
  long double sum = 0;
  for (const std::uint64_t value : values) {
    histogram.record(value);
    sum += static_cast<long double>(value);
  }
  RC_ASSERT(histogram.count() == values.size());
  RC_ASSERT(histogram.max() == *std::max_element(values.begin(), values.end()));
  const auto mean = static_cast<double>(sum / static_cast<long double>(values.size()));
  RC_ASSERT(std::abs(histogram.mean() - mean) <= 1e-9 * std::max(1.0, mean));
}

RC_GTEST_PROP(DigitHistogram, MergingIsRecordingAll, ()) {
  DigitHistogram one(3, kHighest);
  DigitHistogram other(3, kHighest);
  DigitHistogram all(3, kHighest);
  for (const std::uint64_t value : some_values()) {
    one.record(value);
    all.record(value);
  }
  for (const std::uint64_t value : some_values()) {
    other.record(value);
    all.record(value);
  }
  one.merge(other);
  RC_ASSERT(one.percentile_text(1) == all.percentile_text(1));
}

TEST(DigitHistogram, EverySmallValueIsExact) {
  DigitHistogram histogram(3, kHighest);
  for (std::uint64_t value = 0; value < 2'000; ++value) histogram.record(value);
  for (std::uint64_t value = 0; value < 2'000; ++value) {
    const double percentile = 100.0 * static_cast<double>(value + 1) / 2'000;
    EXPECT_EQ(histogram.value_at(percentile), value);
  }
}

TEST(DigitHistogram, WhatIsOverTheHighestCountsAsTheHighest) {
  DigitHistogram histogram(2, 1'000);
  histogram.record(5'000'000);
  EXPECT_EQ(histogram.max(), 1'000U);
  EXPECT_EQ(histogram.count(), 1U);
}

TEST(DigitHistogram, CountsWhatIsOverALimit) {
  DigitHistogram histogram(3, kHighest);
  for (const std::uint64_t value : {10, 20, 30, 2'000'000}) histogram.record(value);
  EXPECT_EQ(histogram.count_over(9), 4U);
  EXPECT_EQ(histogram.count_over(10), 3U);
  EXPECT_EQ(histogram.count_over(30), 1U);
  EXPECT_EQ(histogram.count_over(2'000'000), 0U);
}

TEST(DigitHistogram, AnEmptyOneTellsNothing) {
  const DigitHistogram histogram(3, kHighest);
  EXPECT_EQ(histogram.value_at(99), 0U);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_TRUE(histogram.percentile_steps().empty());
}

// The columns, the order and the last three lines are what HdrHistogram's own plotter reads.
TEST(DigitHistogram, WritesThePercentileText) {
  DigitHistogram histogram(3, kHighest);
  histogram.record(1'000, 3);
  histogram.record(4'000);
  EXPECT_EQ(histogram.percentile_text(1'000),
            "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
            "       1.000 0.000000000000          3           1.00\n"
            "       1.000 0.100000000000          3           1.11\n"
            "       1.000 0.200000000000          3           1.25\n"
            "       1.000 0.300000000000          3           1.43\n"
            "       1.000 0.400000000000          3           1.67\n"
            "       1.000 0.500000000000          3           2.00\n"
            "       1.000 0.550000000000          3           2.22\n"
            "       1.000 0.600000000000          3           2.50\n"
            "       1.000 0.650000000000          3           2.86\n"
            "       1.000 0.700000000000          3           3.33\n"
            "       1.000 0.750000000000          3           4.00\n"
            "       4.000 1.000000000000          4\n"
            "#[Mean    =        1.750, StdDeviation   =        1.299]\n"
            "#[Max     =        4.000, Total count    =            4]\n"
            "#[Buckets =           22, SubBuckets     =         2048]\n");
}

}  // namespace
}  // namespace playhead
