// Percentages and the start and finish lines of docs/rules.md, with both sides of every boundary.
#include "domain/lines.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

// Designated initializers name what a case is about; the rest is meant to be absent.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace playhead {
namespace {

constexpr Policy kPolicy;
constexpr std::int64_t kHourOfFilmMs = 4'000'000;

struct LineCase {
  const char* name;
  Extent extent;
  bool past;
};

TEST(StartLine, IsTwoMinutesOrThreePercentWhicheverComesFirst) {
  const LineCase cases[] = {
      // 3 % of three hours is later than two minutes.
      {"long film, 119999 ms", {.position_ms = 119'999, .duration_ms = 10'800'000}, false},
      {"long film, 120000 ms", {.position_ms = 120'000, .duration_ms = 10'800'000}, true},
      // 3 % of ten minutes comes long before two minutes.
      {"short film, 2.99 %", {.position_ms = 17'999, .duration_ms = 600'000}, false},
      {"short film, 3 %", {.position_ms = 18'000, .duration_ms = 600'000}, true},
      {"live, 119999 ms", {.position_ms = 119'999}, false},
      {"live, 120000 ms", {.position_ms = 120'000}, true},
      {"only percent, 2.99 %", {.percent_bp = 299}, false},
      {"only percent, 3 %", {.percent_bp = 300}, true},
      // 1.11 % of three hours is 119880 ms, 1.12 % is 120960 ms.
      {"percent and duration, 119880 ms", {.duration_ms = 10'800'000, .percent_bp = 111}, false},
      {"percent and duration, 120960 ms", {.duration_ms = 10'800'000, .percent_bp = 112}, true},
      {"milliseconds over a wrong percentage",
       {.position_ms = 100'000, .duration_ms = 10'800'000, .percent_bp = 5'000},
       false},
      {"nothing known", {}, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(past_start(c.extent, kPolicy), c.past);
  }
}

TEST(FinishLine, IsTheCreditsWhereTheyAreKnown) {
  const LineCase cases[] = {
      {"before the credits, past 90 % and 180 s left",
       {.position_ms = 3'899'999, .duration_ms = kHourOfFilmMs, .credits_ms = 3'900'000},
       false},
      {"at the credits",
       {.position_ms = 3'900'000, .duration_ms = kHourOfFilmMs, .credits_ms = 3'900'000},
       true},
      {"at early credits, before 90 %",
       {.position_ms = 2'000'000, .duration_ms = kHourOfFilmMs, .credits_ms = 2'000'000},
       true},
      {"position from percent, before",
       {.duration_ms = kHourOfFilmMs, .percent_bp = 9'749, .credits_ms = 3'900'000},
       false},
      {"position from percent, at",
       {.duration_ms = kHourOfFilmMs, .percent_bp = 9'750, .credits_ms = 3'900'000},
       true},
      {"no position to compare: 90 % stands in", {.percent_bp = 9'000, .credits_ms = 1}, true},
      {"no position to compare: 89.99 %", {.percent_bp = 8'999, .credits_ms = 1}, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(past_finish(c.extent, kPolicy), c.past);
  }
}

TEST(FinishLine, IsNinetyPercentOrThreeMinutesLeft) {
  const LineCase cases[] = {
      // 90 % comes before 180 s left in an hour.
      {"89.99 %", {.position_ms = 3'599'999, .duration_ms = kHourOfFilmMs}, false},
      {"90 %", {.position_ms = 3'600'000, .duration_ms = kHourOfFilmMs}, true},
      {"only percent, 89.99 %", {.percent_bp = 8'999}, false},
      {"only percent, 90 %", {.percent_bp = 9'000}, true},
      {"15 min, 180001 ms left", {.position_ms = 719'999, .duration_ms = 900'000}, false},
      {"15 min, 180000 ms left", {.position_ms = 720'000, .duration_ms = 900'000}, true},
      {"15 min less 1 ms, 180001 ms left", {.position_ms = 719'998, .duration_ms = 899'999}, false},
      {"15 min less 1 ms, 180000 ms left", {.position_ms = 719'999, .duration_ms = 899'999}, false},
      {"15 min less 1 ms, 90 %", {.position_ms = 810'000, .duration_ms = 899'999}, true},
      {"15 min by percent, 180090 ms left", {.duration_ms = 900'000, .percent_bp = 7'999}, false},
      {"15 min by percent, 180000 ms left", {.duration_ms = 900'000, .percent_bp = 8'000}, true},
      {"past the end", {.position_ms = kHourOfFilmMs + 1, .duration_ms = kHourOfFilmMs}, true},
      {"live is never finished by position", {.position_ms = 100 * kHourOfFilmMs}, false},
      {"a duration of 0 is no duration", {.position_ms = kHourOfFilmMs, .duration_ms = 0}, false},
      {"nothing known", {}, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(past_finish(c.extent, kPolicy), c.past);
  }
}

TEST(Lines, FollowThePolicy) {
  Policy policy;
  policy.start_position_ms = 10;
  policy.start_percent_bp = 5'000;
  policy.finish_percent_bp = 9'500;
  policy.finish_left_ms = 1;
  EXPECT_FALSE(past_start({.position_ms = 9, .duration_ms = 1'000}, policy));
  EXPECT_TRUE(past_start({.position_ms = 10, .duration_ms = 1'000}, policy));
  EXPECT_FALSE(past_finish({.percent_bp = 9'499}, policy));
  EXPECT_TRUE(past_finish({.percent_bp = 9'500}, policy));
}

TEST(AtZero, IsPositionZeroOrPercentZero) {
  EXPECT_TRUE(at_zero({.position_ms = 0}));
  EXPECT_TRUE(at_zero({.position_ms = 0, .percent_bp = 1}));
  EXPECT_TRUE(at_zero({.percent_bp = 0}));
  EXPECT_TRUE(at_zero({}));
  EXPECT_FALSE(at_zero({.position_ms = 1}));
  EXPECT_FALSE(at_zero({.position_ms = 1, .percent_bp = 0}));
  EXPECT_FALSE(at_zero({.percent_bp = 1}));
}

TEST(Percent, ComesFromMillisecondsWhereTheyAreKnown) {
  struct Case {
    const char* name;
    Extent extent;
    std::optional<std::int32_t> percent_bp;
  };
  const Case cases[] = {
      {"from ms", {.position_ms = 754'000, .duration_ms = 2'640'000}, 2'856},
      {"over a given one",
       {.position_ms = 754'000, .duration_ms = 2'640'000, .percent_bp = 1},
       2'856},
      {"rounded down", {.position_ms = 2, .duration_ms = 3}, 6'666},
      {"rounded down below the end", {.position_ms = 2'639'999, .duration_ms = 2'640'000}, 9'999},
      {"at 0", {.position_ms = 0, .duration_ms = 2'640'000}, 0},
      {"at the end", {.position_ms = 2'640'000, .duration_ms = 2'640'000}, 10'000},
      {"never past the end", {.position_ms = 9, .duration_ms = 3}, 10'000},
      {"as given without position", {.duration_ms = 3, .percent_bp = 2'860}, 2'860},
      {"as given alone", {.percent_bp = 2'860}, 2'860},
      {"as given where the duration is 0",
       {.position_ms = 1, .duration_ms = 0, .percent_bp = 7},
       7},
      {"live has none", {.position_ms = 754'000}, std::nullopt},
      {"nothing known", {}, std::nullopt},
      {"greatest numbers JSON can carry",
       {.position_ms = (1LL << 53) - 1, .duration_ms = (1LL << 53) - 1},
       10'000},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(percent_bp(c.extent), c.percent_bp);
    EXPECT_EQ(has_percent(c.extent), c.percent_bp.has_value());
  }
}

// Of titles up to a year long.
RC_GTEST_PROP(Percent, IsTheTruthRoundedDown, ()) {
  const auto duration_ms = *rc::gen::inRange<std::int64_t>(1, 366 * kDayMs);
  const auto position_ms = *rc::gen::inRange<std::int64_t>(0, duration_ms + 1);
  const auto shown_bp = percent_bp({.position_ms = position_ms, .duration_ms = duration_ms});
  RC_ASSERT(shown_bp == position_ms * 10'000 / duration_ms);
}

// In doubles 573 of the 10001 hundredths came out one too small: 0.0029 * 10000 is less than 29.
TEST(Percent, IsExactAtEveryHundredth) {
  for (std::int64_t bp = 0; bp <= 10'000; ++bp) {
    EXPECT_EQ(percent_bp({.position_ms = bp, .duration_ms = 10'000}), bp);
  }
}

TEST(Position, ComesFromPercentAndDurationWhereItIsNotGiven) {
  struct Case {
    const char* name;
    Extent extent;
    std::optional<std::int64_t> position_ms;
  };
  const std::int64_t max_ms = (1LL << 53) - 1;
  const Case cases[] = {
      {"as given", {.position_ms = 5, .duration_ms = 10, .percent_bp = 9'000}, 5},
      {"derived", {.duration_ms = 2'640'000, .percent_bp = 2'860}, 755'040},
      {"derived, rounded down", {.duration_ms = 99, .percent_bp = 5'000}, 49},
      {"derived at 0", {.duration_ms = 99, .percent_bp = 0}, 0},
      {"derived at the end", {.duration_ms = 99, .percent_bp = 10'000}, 99},
      {"derived, without overflow", {.duration_ms = max_ms, .percent_bp = 10'000}, max_ms},
      {"no duration", {.percent_bp = 5'000}, std::nullopt},
      {"duration 0", {.duration_ms = 0, .percent_bp = 5'000}, std::nullopt},
      {"no percent", {.duration_ms = 99}, std::nullopt},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(position_ms(c.extent), c.position_ms);
  }
}

// The further one is, the more lines one is past.
RC_GTEST_PROP(Lines, AreCrossedOnce, ()) {
  const auto duration_ms = *rc::gen::inRange<std::int64_t>(1, 4 * kHourMs);
  const auto a_ms = *rc::gen::inRange<std::int64_t>(0, duration_ms + 1);
  const auto b_ms = *rc::gen::inRange<std::int64_t>(0, duration_ms + 1);
  const Extent nearer{.position_ms = std::min(a_ms, b_ms), .duration_ms = duration_ms};
  const Extent further{.position_ms = std::max(a_ms, b_ms), .duration_ms = duration_ms};
  RC_ASSERT(!past_start(nearer, kPolicy) || past_start(further, kPolicy));
  RC_ASSERT(!past_finish(nearer, kPolicy) || past_finish(further, kPolicy));
}

// Positions go to 2^53 - 1, whose ten thousandfold does not fit 64 bits.
RC_GTEST_PROP(PercentBp, IsRoundedDownAtAnySize, ()) {
  __extension__ using Wide = __int128;
  const std::int64_t high = std::int64_t{1} << *rc::gen::inRange(1, 53);
  const std::int64_t duration_ms = *rc::gen::inRange<std::int64_t>(high, 2 * high);
  const std::int64_t position_ms = *rc::gen::inRange<std::int64_t>(0, duration_ms);
  const auto bp = percent_bp({.position_ms = position_ms, .duration_ms = duration_ms}).value();
  const Wide whole = Wide{position_ms} * 10'000;
  RC_ASSERT((Wide{bp} * duration_ms <= whole && whole < Wide{bp + 1} * duration_ms));
}

}  // namespace
}  // namespace playhead
