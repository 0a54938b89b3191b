// The merge law of ADR 0001, as properties, and a table for each tie rule.
#include "domain/record.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "generators.h"

// Designated initializers name what a case is about; the rest is meant to be absent.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace playhead {
namespace {

RC_GTEST_PROP(Merge, Commutes, (Record a, Record b)) {
  RC_ASSERT(merged(a, b) == merged(b, a));
}

RC_GTEST_PROP(Merge, Associates, (Record a, Record b, Record c)) {
  RC_ASSERT(merged(merged(a, b), c) == merged(a, merged(b, c)));
}

RC_GTEST_PROP(Merge, IsIdempotent, (Record a, Record b)) {
  RC_ASSERT(merged(a, a) == a);
  const Record both = merged(a, b);
  RC_ASSERT(merged(both, a) == both);
  RC_ASSERT(merged(both, b) == both);
}

RC_GTEST_PROP(Merge, HasTheEmptyRecordAsItsUnit, (Record a)) {
  RC_ASSERT(merged(a, Record{}) == a);
  RC_ASSERT(merged(Record{}, a) == a);
}

// A register never falls; it can only vanish, and only because it was forgotten.
template <typename Register>
bool rose(const std::optional<Register>& before, const std::optional<Register>& after,
          Instant forgotten_at) {
  if (after) return after >= before;
  return !before || before->at <= forgotten_at;
}

RC_GTEST_PROP(Merge, IsMonotone, (Record a, Record b)) {
  const Record both = merged(a, b);
  RC_ASSERT(both.forgotten_at == std::max(a.forgotten_at, b.forgotten_at));
  for (const Record& part : {a, b}) {
    RC_ASSERT(rose(part.playhead, both.playhead, both.forgotten_at));
    RC_ASSERT(rose(part.opening, both.opening, both.forgotten_at));
    RC_ASSERT(rose(part.finished, both.finished, both.forgotten_at));
    RC_ASSERT(rose(part.hidden, both.hidden, both.forgotten_at));
    RC_ASSERT((both.furthest >= part.furthest));
  }
}

RC_GTEST_PROP(Merge, GivesTheSameForAnyOrderAndCoalescing, ()) {
  const auto deltas = *any_deltas();
  const Record expected = merged(deltas);

  // Resent facts: the first few once more.
  auto parts = deltas;
  const auto resent = *rc::gen::inRange<std::size_t>(0, deltas.size() + 1);
  parts.insert(parts.end(), deltas.begin(), deltas.begin() + static_cast<std::ptrdiff_t>(resent));
  parts = shuffled(parts);
  // Coalesce neighbours, at any place, until one is left.
  while (parts.size() > 1) {
    const auto i = *rc::gen::inRange<std::size_t>(0, parts.size() - 1);
    merge(parts[i], parts[i + 1]);
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  RC_ASSERT((parts.empty() ? Record{} : parts.front()) == expected);
}

template <typename Register>
bool kept_if_newer(const std::optional<Register>& before, const std::optional<Register>& after,
                   Instant limit) {
  return before && before->at > limit ? after == before : !after;
}

RC_GTEST_PROP(Without, HidesExactlyWhatIsNotNewer, (Record record, Instant limit)) {
  const Record left = without(record, limit);
  const Instant line = std::max(limit, record.forgotten_at);
  RC_ASSERT(kept_if_newer(record.playhead, left.playhead, line));
  RC_ASSERT(kept_if_newer(record.opening, left.opening, line));
  RC_ASSERT(kept_if_newer(record.furthest, left.furthest, line));
  RC_ASSERT(kept_if_newer(record.finished, left.finished, line));
  RC_ASSERT(kept_if_newer(record.hidden, left.hidden, line));
  RC_ASSERT(left.forgotten_at == record.forgotten_at);
  RC_ASSERT(without(left, limit) == left);
}

// Erasure is final: a fact from before it changes nothing that is shown. `furthest` is left out,
// because an older maximum may take the place of a newer, smaller one (record.h says why).
RC_GTEST_PROP(Without, LateFactsStayErased, (Record record, Instant limit)) {
  const Record late = *any_delta();
  const Record seen = without(late, limit);
  RC_PRE(!seen.playhead && !seen.opening && !seen.finished && !seen.hidden &&
         late.forgotten_at <= limit);
  Record before = without(record, limit);
  Record after = without(merged(record, late), limit);
  before.furthest = after.furthest = std::nullopt;
  before.forgotten_at = after.forgotten_at = Instant{};
  RC_ASSERT(after == before);
}

TEST(Record, IsEmptyUntilARegisterIsWritten) {
  EXPECT_TRUE(Record{}.empty());
  EXPECT_FALSE(Record{.playhead = Playhead{}}.empty());
  EXPECT_FALSE(Record{.opening = Playhead{}}.empty());
  EXPECT_FALSE(Record{.furthest = Furthest{}}.empty());
  EXPECT_FALSE(Record{.finished = Finished{}}.empty());
  EXPECT_FALSE(Record{.hidden = Hidden{}}.empty());
  EXPECT_FALSE(Record{.forgotten_at = Instant{1}}.empty());
}

template <typename Register>
struct TieCase {
  const char* rule;
  Register loses;
  Register wins;
};

template <typename Register>
void expect_winner(std::optional<Register> Record::*member, const TieCase<Register>& tie) {
  SCOPED_TRACE(tie.rule);
  Record low;
  Record high;
  low.*member = tie.loses;
  high.*member = tie.wins;
  EXPECT_TRUE(merged(low, high).*member == tie.wins);
  EXPECT_TRUE(merged(high, low).*member == tie.wins);
}

TEST(Merge, OrdersPlayheadsByKeyThenByValue) {
  const TieCase<Playhead> cases[] = {
      {"later instant beats session and seq",
       {.at = {1}, .session = "z", .seq = 9, .position_ms = 9},
       {.at = {2}, .session = "", .seq = 0, .position_ms = 1}},
      {"same instant: greater session beats seq",
       {.at = {1}, .session = "a", .seq = 9, .position_ms = 9},
       {.at = {1}, .session = "b", .seq = 0, .position_ms = 1}},
      {"a session beats none",
       {.at = {1}, .session = "", .seq = 9, .position_ms = 9},
       {.at = {1}, .session = "a", .seq = 0, .position_ms = 1}},
      {"same instant and session: greater seq beats position",
       {.at = {1}, .session = "a", .seq = 1, .position_ms = 9},
       {.at = {1}, .session = "a", .seq = 2, .position_ms = 1}},
      {"same key: greater position",
       {.at = {1}, .session = "a", .seq = 1, .position_ms = 1},
       {.at = {1}, .session = "a", .seq = 1, .position_ms = 2}},
      {"same key: a position beats none",
       {.at = {1}, .position_ms = {}, .percent_bp = 9'000},
       {.at = {1}, .position_ms = 1}},
      {"same key and position: duration",
       {.at = {1}, .duration_ms = 1},
       {.at = {1}, .duration_ms = 2}},
      {"then percent", {.at = {1}, .percent_bp = 1}, {.at = {1}, .percent_bp = 2}},
      {"then credits", {.at = {1}, .credits_ms = 1}, {.at = {1}, .credits_ms = 2}},
      {"then device", {.at = {1}, .device = "tv"}, {.at = {1}, .device = "web"}},
      {"then series", {.at = {1}}, {.at = {1}, .series = Series{}}},
      {"series by id, season, episode",
       {.at = {1}, .series = Series{"s", 1, 9}},
       {.at = {1}, .series = Series{"s", 2, 1}}},
  };
  for (const auto& tie : cases) {
    expect_winner(&Record::playhead, tie);
    expect_winner(&Record::opening, tie);
  }
}

TEST(Merge, OrdersFurthestByPosition) {
  const TieCase<Furthest> cases[] = {
      {"further beats newer", {.position_ms = 1, .at = {9}}, {.position_ms = 2, .at = {1}}},
      {"a position beats any percentage",
       {.percent_bp = 10'000, .at = {9}},
       {.position_ms = 1, .at = {1}}},
      {"percent where no position is known",
       {.percent_bp = 1, .at = {9}},
       {.percent_bp = 2, .at = {1}}},
      {"the same place: newer", {.position_ms = 1, .at = {1}}, {.position_ms = 1, .at = {2}}},
  };
  for (const auto& tie : cases) expect_winner(&Record::furthest, tie);
}

TEST(Merge, LetsYesOutrankNoAtOneInstantOnly) {
  const TieCase<Finished> finished[] = {
      {"yes over no", {{1}, false, "z"}, {{1}, true, "a"}},
      {"a later no", {{1}, true, "z"}, {{2}, false, "a"}},
      {"a later yes", {{1}, false, "z"}, {{2}, true, "a"}},
      {"session is the last tie-break", {{1}, true, "a"}, {{1}, true, "b"}},
  };
  for (const auto& tie : finished) expect_winner(&Record::finished, tie);
  const TieCase<Hidden> hidden[] = {
      {"yes over no", {{1}, false}, {{1}, true}},
      {"a later no", {{1}, true}, {{2}, false}},
  };
  for (const auto& tie : hidden) expect_winner(&Record::hidden, tie);
}

TEST(Merge, ForgetsWhatIsNotNewer) {
  const Record old{.playhead = Playhead{.at = {5}, .position_ms = 1},
                   .opening = Playhead{.at = {5}, .position_ms = 1},
                   .furthest = Furthest{.position_ms = 1, .at = {5}},
                   .finished = Finished{{5}, true, ""},
                   .hidden = Hidden{{5}, true}};
  EXPECT_EQ(merged(old, Record{.forgotten_at = Instant{4}}).playhead, old.playhead);

  const Record forgotten = merged(old, Record{.forgotten_at = Instant{5}});
  EXPECT_EQ(forgotten, (Record{.furthest = old.furthest, .forgotten_at = Instant{5}}));
  EXPECT_EQ(without(forgotten, Instant{}), (Record{.forgotten_at = Instant{5}}));
  // Resent later, it stays forgotten; something newer does not.
  EXPECT_EQ(merged(forgotten, old), forgotten);
  const Record newer{.playhead = Playhead{.at = {6}, .position_ms = 1}};
  EXPECT_EQ(merged(forgotten, newer).playhead, newer.playhead);
}

}  // namespace
}  // namespace playhead
