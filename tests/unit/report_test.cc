// What a report writes: the rules of docs/rules.md that are decided when it arrives.
#include "domain/report.h"

#include <cstdint>
#include <optional>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "generators.h"

// Designated initializers name what a case is about; the rest is meant to be absent.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace playhead {
namespace {

constexpr Policy kPolicy;
constexpr Instant kAt{1'000'000};
constexpr std::int64_t kDurationMs = 2'640'000;

Report tick(std::int64_t position_ms, Event event = Event::tick) {
  Report report;
  report.video_id = "ep-42";
  report.position_ms = position_ms;
  report.duration_ms = kDurationMs;
  report.event = event;
  report.session = "k3J9";
  return report;
}

LiveSession standing_at(std::int64_t position_ms, std::optional<std::uint64_t> seq = {}) {
  return {.seq = seq, .position_ms = position_ms, .percent_bp = {}};
}

Decision decided(const Report& report, const LiveSession* live = nullptr) {
  return decide(report, kAt, live, kPolicy);
}

void expect_nothing(const Decision& decision, Verdict verdict) {
  EXPECT_EQ(decision.verdict, verdict);
  EXPECT_TRUE(decision.delta.empty());
}

TEST(TrueAt, ClampsTheAge) {
  const Instant received{100 * kDayMs};
  struct Case {
    const char* name;
    std::int64_t age_ms;
    std::int64_t at_ms;
  };
  const Case cases[] = {
      {"from the future", -1, received.ms},
      {"far from the future", INT64_MIN, received.ms},
      {"now", 0, received.ms},
      {"a while ago", 10'000, received.ms - 10'000},
      {"30 days less 1 ms", 30 * kDayMs - 1, 70 * kDayMs + 1},
      {"30 days", 30 * kDayMs, 70 * kDayMs},
      {"30 days and 1 ms", 30 * kDayMs + 1, 70 * kDayMs},
      {"for ever ago", INT64_MAX, 70 * kDayMs},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Report report;
    report.age_ms = c.age_ms;
    EXPECT_EQ(true_at(report, received), Instant{c.at_ms});
  }
}

TEST(TrueAt, NeverReachesZeroWhichStandsForNever) {
  Report report;
  report.age_ms = 5;
  EXPECT_EQ(true_at(report, Instant{5}), Instant{1});
  EXPECT_EQ(true_at(report, Instant{4}), Instant{1});
  EXPECT_EQ(true_at(report, Instant{6}), Instant{1});
  EXPECT_EQ(true_at(report, Instant{7}), Instant{2});
}

TEST(Decide, WritesThePlayheadFromTheStartLineOn) {
  struct Case {
    const char* name;
    std::optional<std::int64_t> position_ms;
    std::optional<std::int64_t> duration_ms;
    std::optional<std::int32_t> percent_bp;
    bool started;
  };
  const Case cases[] = {
      {"119999 ms of a long film", 119'999, 3 * kHourMs, {}, false},
      {"120000 ms of a long film", 120'000, 3 * kHourMs, {}, true},
      {"2.99 %", 29'999, 1'000'000, {}, false},
      {"3 %", 30'000, 1'000'000, {}, true},
      {"live before the line", 119'999, {}, {}, false},
      {"live past the line", 120'000, {}, {}, true},
      {"only percent, before", {}, {}, 299, false},
      {"only percent, past", {}, {}, 300, true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Report report = tick(1);
    report.position_ms = c.position_ms;
    report.duration_ms = c.duration_ms;
    report.percent_bp = c.percent_bp;
    const Decision decision = decided(report);
    EXPECT_EQ(decision.verdict, Verdict::written);
    EXPECT_EQ(decision.delta.playhead.has_value(), c.started);
    EXPECT_EQ(decision.delta.opening.has_value(), !c.started);
    EXPECT_TRUE(decision.delta.furthest.has_value());
    EXPECT_FALSE(decision.delta.finished || decision.delta.hidden);
  }
}

TEST(Decide, CarriesEverythingTheReportSays) {
  Report report = tick(754'000);
  report.percent_bp = 2'860;
  report.credits_ms = 2'520'000;
  report.seq = 17;
  report.device = "tv";
  report.series = Series{"s-7", 2, 3};
  const Decision decision = decided(report);
  EXPECT_EQ(decision.delta, (Record{.playhead = Playhead{.at = kAt,
                                                         .session = "k3J9",
                                                         .seq = 17,
                                                         .position_ms = 754'000,
                                                         .duration_ms = kDurationMs,
                                                         .percent_bp = 2'860,
                                                         .credits_ms = 2'520'000,
                                                         .device = "tv",
                                                         .series = Series{"s-7", 2, 3}},
                                    .furthest = Furthest{754'000, 2'860, kAt}}));
  report.session = "";
  EXPECT_EQ(decided(report).delta.playhead->seq, 0U) << "seq means nothing without a session";
}

TEST(Decide, FinishesAtTheFinishLine) {
  struct Case {
    const char* name;
    std::int64_t position_ms;
    std::optional<std::int64_t> duration_ms;
    std::optional<std::int64_t> credits_ms;
    bool finished;
  };
  const Case cases[] = {
      {"89.99 %", 3'599'999, 4'000'000, {}, false},
      {"90 %", 3'600'000, 4'000'000, {}, true},
      {"180001 ms left of 15 min", 719'999, 900'000, {}, false},
      {"180000 ms left of 15 min", 720'000, 900'000, {}, true},
      {"180000 ms left of less than 15 min", 719'999, 899'999, {}, false},
      {"before the credits", 2'519'999, kDurationMs, 2'520'000, false},
      {"at the credits", 2'520'000, kDurationMs, 2'520'000, true},
      {"live", 100 * kHourMs, {}, {}, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Report report = tick(c.position_ms);
    report.duration_ms = c.duration_ms;
    report.credits_ms = c.credits_ms;
    const Record delta = decided(report).delta;
    EXPECT_TRUE(delta.playhead && delta.furthest);
    EXPECT_EQ(delta.finished,
              c.finished ? std::optional(Finished{kAt, true, "k3J9"}) : std::nullopt);
  }
}

TEST(Decide, BelievesAnEndedEvent) {
  const Finished finished{kAt, true, "k3J9"};
  const LiveSession live = standing_at(500'000);

  Record delta = decided(tick(500'000, Event::ended)).delta;
  EXPECT_TRUE(delta.playhead && delta.furthest);
  EXPECT_EQ(delta.finished, finished);

  // A player that jumps back to 0 at the end.
  delta = decided(tick(0, Event::ended), &live).delta;
  EXPECT_EQ(delta, Record{.finished = finished});
  EXPECT_EQ(decided(tick(0, Event::ended)).verdict, Verdict::written);

  // One that was paused there.
  delta = decided(tick(500'000, Event::ended), &live).delta;
  EXPECT_EQ(delta, Record{.finished = finished});

  // One that says nothing else, and one that plays live.
  Report bare;
  bare.event = Event::ended;
  EXPECT_EQ(decided(bare).delta, (Record{.finished = Finished{kAt, true, ""}}));
  Report no_duration = tick(500'000, Event::ended);
  no_duration.duration_ms.reset();
  EXPECT_EQ(decided(no_duration).delta.finished, finished);
}

TEST(Decide, WritesNothingBeforeAnythingWasWatched) {
  const LiveSession live = standing_at(500'000);
  for (const Event event : {Event::tick, Event::play, Event::pause, Event::seek, Event::stop}) {
    expect_nothing(decided(tick(0, event)), Verdict::nothing_watched);
    expect_nothing(decided(tick(0, event), &live), Verdict::nothing_watched);
  }
  Report percent;
  percent.percent_bp = 0;
  expect_nothing(decided(percent), Verdict::nothing_watched);

  // `play` opens a session wherever it is, even past the finish line; other events are believed.
  expect_nothing(decided(tick(500'000, Event::play)), Verdict::nothing_watched);
  expect_nothing(decided(tick(kDurationMs, Event::play)), Verdict::nothing_watched);
  for (const Event event : {Event::tick, Event::pause, Event::seek, Event::stop, Event::ended}) {
    EXPECT_EQ(decided(tick(500'000, event)).verdict, Verdict::written);
  }
  // After movement `play` is a report like any other.
  EXPECT_EQ(decided(tick(500'001, Event::play), &live).verdict, Verdict::written);
  expect_nothing(decided(tick(500'000, Event::play), &live), Verdict::unmoved);
}

TEST(Decide, GivesAPausedDeviceNoClaim) {
  const LiveSession live = standing_at(500'000, 3);
  for (const Event event : {Event::tick, Event::play, Event::pause, Event::seek, Event::stop}) {
    expect_nothing(decided(tick(500'000, event), &live), Verdict::unmoved);
    EXPECT_EQ(decided(tick(500'001, event), &live).verdict, Verdict::written);
    EXPECT_EQ(decided(tick(499'999, event), &live).verdict, Verdict::written) << "back is legal";
  }
  // Even at the finish line: the report that moved there said so.
  const LiveSession at_end = standing_at(kDurationMs);
  expect_nothing(decided(tick(kDurationMs), &at_end), Verdict::unmoved);

  Report percent;
  percent.percent_bp = 4'000;
  LiveSession by_percent;
  by_percent.percent_bp = 4'000;
  expect_nothing(decided(percent, &by_percent), Verdict::unmoved);
  percent.percent_bp = 4'001;
  EXPECT_EQ(decided(percent, &by_percent).verdict, Verdict::written);
  EXPECT_EQ(decided(tick(500'000), &by_percent).verdict, Verdict::written)
      << "another way of counting has moved";
}

TEST(Decide, IgnoresADuplicateOfItsSession) {
  struct Case {
    const char* name;
    std::optional<std::uint64_t> seen;
    std::optional<std::uint64_t> seq;
    const char* session;
    Verdict verdict;
  };
  const Case cases[] = {
      {"smaller", 17, 16, "a", Verdict::duplicate},
      {"the same", 17, 17, "a", Verdict::duplicate},
      {"greater", 17, 18, "a", Verdict::written},
      {"zero twice", 0, 0, "a", Verdict::duplicate},
      {"none given", 17, {}, "a", Verdict::written},
      {"none seen", {}, 17, "a", Verdict::written},
      {"no session: seq means nothing", 17, 16, "", Verdict::written},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const LiveSession live = standing_at(500'000, c.seen);
    Report report = tick(510'000);
    report.session = c.session;
    report.seq = c.seq;
    EXPECT_EQ(decided(report, &live).verdict, c.verdict);
  }
  // It stays a duplicate, whatever it says.
  const LiveSession live = standing_at(500'000, 17);
  Report ended = tick(510'000, Event::ended);
  ended.seq = 17;
  expect_nothing(decided(ended, &live), Verdict::duplicate);
  // Of a session nobody remembers, the first report is believed.
  EXPECT_EQ(decided(ended).verdict, Verdict::written);
}

TEST(Decide, KeepsNothingOfAPrivateSession) {
  for (const Event event : {Event::tick, Event::play, Event::stop, Event::ended}) {
    Report report = tick(2'600'000, event);
    report.is_private = true;
    expect_nothing(decided(report), Verdict::private_session);
    const LiveSession live = standing_at(2'600'000, 9);
    expect_nothing(decided(report, &live), Verdict::private_session);
  }
}

TEST(Decide, StoresLiveWithoutPercent) {
  Report report = tick(9'000'000);
  report.duration_ms.reset();
  const Record delta = decided(report).delta;
  ASSERT_TRUE(delta.playhead);
  EXPECT_EQ(delta.playhead->position_ms, 9'000'000);
  EXPECT_FALSE(delta.playhead->percent_bp || delta.playhead->duration_ms || delta.finished);
}

TEST(Remember, KeepsTheNewestSeqAndPosition) {
  Report report = tick(500'000);
  report.seq = 5;
  const LiveSession first = remember(report, kAt, nullptr);
  EXPECT_EQ(first.seq, 5U);
  EXPECT_EQ(first.position_ms, 500'000);

  report.seq.reset();
  report.position_ms = 510'000;
  EXPECT_EQ(remember(report, kAt, &first).seq, 5U) << "a report without one forgets none";
  EXPECT_EQ(remember(report, kAt, &first).position_ms, 510'000);
  report.seq = 4;
  EXPECT_EQ(remember(report, kAt, &first).seq, 5U);
  report.seq = 6;
  EXPECT_EQ(remember(report, kAt, &first).seq, 6U);
  const LiveSession none;
  EXPECT_EQ(remember(report, kAt, &none).seq, 6U);
}

// What came late would else stand for where the player is, and its next report, from there, for one
// that did not move.
TEST(Remember, ALateReportDoesNotMoveThePlayerBack) {
  const LiveSession live = remember(tick(500'000), kAt, nullptr);
  Report late = tick(400'000);
  late.seq = 3;
  const LiveSession next = remember(late, Instant{kAt.ms - 1}, &live);
  EXPECT_EQ(next.at, kAt);
  EXPECT_EQ(next.position_ms, 500'000);
  EXPECT_EQ(next.seq, 3U) << "its seq was seen all the same";
  EXPECT_EQ(decided(tick(400'000, Event::pause), &next).verdict, Verdict::written);
  EXPECT_EQ(remember(late, kAt, &live).position_ms, 400'000)
      << "of the same moment, the last counts";
}

TEST(Remember, MakesAPlayCountFromTheFirstMovementOn) {
  const Report play = tick(500'000, Event::play);
  EXPECT_EQ(decided(play).verdict, Verdict::nothing_watched);
  const LiveSession live = remember(play, kAt, nullptr);
  EXPECT_EQ(decided(tick(500'000), &live).verdict, Verdict::unmoved);
  EXPECT_EQ(decided(tick(510'000), &live).verdict, Verdict::written);
}

// A resent report does no harm even where nobody remembers its session.
RC_GTEST_PROP(Decide, GivesADeltaThatMayBeMergedTwice, (Record record)) {
  Report report = tick(*rc::gen::inRange<std::int64_t>(0, kDurationMs + 1));
  report.event = *rc::gen::element(Event::tick, Event::play, Event::stop, Event::ended);
  const Decision decision = decide(report, *any_instant(), nullptr, kPolicy);
  const Record once = merged(record, decision.delta);
  RC_ASSERT(merged(once, decision.delta) == once);
  RC_ASSERT(decision.verdict == Verdict::written || decision.delta.empty());
}

}  // namespace
}  // namespace playhead
