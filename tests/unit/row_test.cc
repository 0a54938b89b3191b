// The keep-watching row: what is in it, in which order, and how it pages while it is re-sorted.
#include "domain/row.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "generators.h"

// Designated initializers name what a case is about; the rest is meant to be absent.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace playhead {
namespace {

constexpr Policy kPolicy;
constexpr Instant kNow{1'000 * kDayMs};
constexpr std::int64_t kMiddleMs = 1'000'000;

Playhead standing(Instant at, std::string_view series = {}, std::uint32_t episode = 0) {
  Playhead playhead{.at = at, .session = "a", .position_ms = kMiddleMs, .duration_ms = 2'640'000};
  if (!series.empty()) playhead.series = Series{series, 1, episode};
  return playhead;
}

Instant ago(std::int64_t ms) {
  return Instant{kNow.ms - ms};
}

// A viewer's titles by id.
class Library {
 public:
  Record& operator[](const std::string& video_id) { return records_[video_id]; }
  const std::map<std::string, Record>& records() const { return records_; }

  Row row(std::size_t limit = 20, const std::optional<RowPlace>& after = {},
          Instant now = kNow) const {
    std::vector<Title> titles;
    for (const auto& [video_id, record] : records_) titles.push_back({video_id, &record});
    return keep_watching(titles, after, limit, kPolicy, now);
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const Title& title : row().items) ids.emplace_back(title.video_id);
    return ids;
  }

 private:
  std::map<std::string, Record> records_;
};

using Ids = std::vector<std::string>;

RowPlace place(const Title& title) {
  return {title.record->playhead->at, title.video_id};
}

TEST(Listable, IsStartedUnfinishedLongEnoughAndRecent) {
  struct Case {
    const char* name;
    Record record;
    bool listable;
  };
  const auto of = [](Playhead playhead) { return Record{.playhead = playhead}; };
  const auto finished = [](Record record, std::int64_t ago_ms, bool yes) {
    record.finished = Finished{ago(ago_ms), yes, "a"};
    return record;
  };
  const Instant at = ago(1'000);
  const Case cases[] = {
      {"in progress", of(standing(at)), true},
      {"nothing", {}, false},
      {"only opened", {.opening = standing(at)}, false},
      {"finished", finished(of(standing(at)), 1'000, true), false},
      {"finished by hand", finished({}, 1'000, true), false},
      {"unmarked in the middle", finished(of(standing(at)), 500, false), true},
      {"unmarked at the end",
       finished(of({.at = at, .position_ms = 2'640'000, .duration_ms = 2'640'000}), 500, false),
       false},
      {"299999 ms long", of({.at = at, .position_ms = 150'000, .duration_ms = 299'999}), false},
      {"300000 ms long", of({.at = at, .position_ms = 150'000, .duration_ms = 300'000}), true},
      {"live", of({.at = at, .position_ms = kMiddleMs}), false},
      {"only a percentage", of({.at = at, .percent_bp = 2'860}), true},
      {"90 days ago", of(standing(ago(90 * kDayMs))), true},
      {"90 days and 1 ms ago", of(standing(ago(90 * kDayMs + 1))), false},
      {"a moment ahead of the reader's clock", of(standing(ago(-5))), true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(listable(c.record, kPolicy, kNow), c.listable);
  }
}

TEST(Listable, TakesARewatch) {
  Record record{.playhead = standing(ago(1)), .finished = Finished{ago(2), true, "b"}};
  EXPECT_TRUE(listable(record, kPolicy, kNow));
  record.finished->session = "a";
  EXPECT_FALSE(listable(record, kPolicy, kNow));
  record.finished = Finished{ago(1 + 30 * kMinuteMs), true, ""};
  EXPECT_TRUE(listable(record, kPolicy, kNow));
  record.finished = Finished{ago(30 * kMinuteMs), true, ""};
  EXPECT_FALSE(listable(record, kPolicy, kNow));
}

TEST(Row, IsNewestFirstThenById) {
  Library library;
  library["old"].playhead = standing(ago(3'000));
  library["tie-b"].playhead = standing(ago(2'000));
  library["tie-a"].playhead = standing(ago(2'000));
  library["new"].playhead = standing(ago(1'000));
  library["opened"].opening = standing(ago(500));
  EXPECT_EQ(library.ids(), (Ids{"new", "tie-a", "tie-b", "old"}));
  EXPECT_TRUE(Library{}.ids().empty());
}

TEST(Row, OrdersByThePlayheadAndNotByTheOpening) {
  Library library;
  library["a"].playhead = standing(ago(2'000));
  library["b"].playhead = standing(ago(3'000));
  library["b"].opening = standing(ago(1'000));
  EXPECT_EQ(library.ids(), (Ids{"a", "b"}));
}

TEST(Row, HidesUntilMovedAgain) {
  Library library;
  Record& record = library["film"];
  record.hidden = Hidden{ago(1'000), true};
  record.playhead = standing(ago(1'001));
  EXPECT_TRUE(library.ids().empty());
  record.playhead = standing(ago(1'000));
  EXPECT_TRUE(library.ids().empty()) << "at the same instant it has not moved since";
  record.opening = standing(ago(1));
  EXPECT_TRUE(library.ids().empty()) << "opening it is no movement";
  record.playhead = standing(ago(999));
  EXPECT_EQ(library.ids(), Ids{"film"});
  // Undone.
  record.playhead = standing(ago(1'001));
  merge(record, Record{.hidden = Hidden{ago(999), false}});
  EXPECT_EQ(library.ids(), Ids{"film"});
}

TEST(Row, HasOneEntryASeries) {
  Library library;
  library["ep-1"].playhead = standing(ago(3'000), "s", 1);
  library["ep-2"].playhead = standing(ago(2'000), "s", 2);
  library["other"].playhead = standing(ago(2'500), "t", 1);
  library["film"].playhead = standing(ago(2'400));
  EXPECT_EQ(library.ids(), (Ids{"ep-2", "film", "other"}));
  // Newest by watching, not by number.
  library["ep-1"].playhead = standing(ago(1'000), "s", 1);
  EXPECT_EQ(library.ids(), (Ids{"ep-1", "film", "other"}));
  // A finished, an opened, a short and an old episode leave the place to the next.
  library["ep-1"].finished = Finished{ago(1'000), true, "a"};
  EXPECT_EQ(library.ids(), (Ids{"ep-2", "film", "other"}));
  library["ep-3"].opening = standing(ago(10), "s", 3);
  EXPECT_EQ(library.ids(), (Ids{"ep-2", "film", "other"}));
  library["ep-2"].playhead = standing(ago(90 * kDayMs + 1), "s", 2);
  EXPECT_EQ(library.ids(), (Ids{"film", "other"}));
}

TEST(Row, TakesTheFirstIdWhereEpisodesTie) {
  Library library;
  library["b"].playhead = standing(ago(5), "s", 1);
  library["a"].playhead = standing(ago(5), "s", 2);
  EXPECT_EQ(library.ids(), Ids{"a"});
}

TEST(Row, HidesASeriesWithItsEpisode) {
  Library library;
  library["ep-1"].playhead = standing(ago(3'000), "s", 1);
  library["ep-2"].playhead = standing(ago(2'000), "s", 2);
  library["ep-2"].hidden = Hidden{ago(1'500), true};
  library["other"].playhead = standing(ago(3'500), "t", 1);
  EXPECT_EQ(library.ids(), Ids{"other"});
  // Another episode that moves brings it back, one millisecond later.
  library["ep-1"].playhead = standing(ago(1'500), "s", 1);
  EXPECT_EQ(library.ids(), Ids{"other"});
  library["ep-1"].playhead = standing(ago(1'499), "s", 1);
  EXPECT_EQ(library.ids(), (Ids{"ep-1", "other"}));
}

TEST(Row, HidesASeriesWithAnEpisodeThatIsNotListedItself) {
  Library library;
  library["ep-1"].playhead = standing(ago(3'000), "s", 1);
  library["ep-2"].opening = standing(ago(2'000), "s", 2);
  library["ep-2"].hidden = Hidden{ago(1'500), true};
  EXPECT_TRUE(library.ids().empty());
}

TEST(Row, PutsASeriesBackWithTheNewestWord) {
  Library library;
  library["ep-1"].playhead = standing(ago(3'000), "s", 1);
  library["ep-2"].playhead = standing(ago(2'000), "s", 2);
  library["ep-2"].hidden = Hidden{ago(1'500), true};
  library["ep-1"].hidden = Hidden{ago(1'400), false};
  EXPECT_EQ(library.ids(), Ids{"ep-2"});
  library["ep-1"].hidden = Hidden{ago(1'500), false};
  EXPECT_TRUE(library.ids().empty()) << "at one instant yes outranks no";
}

TEST(Row, PagesByPlace) {
  Library library;
  for (int i = 0; i < 5; ++i) {
    library["v" + std::to_string(i)].playhead = standing(ago(i == 3 ? 2 : i));
  }
  EXPECT_EQ(library.row(4).items.size(), 4U);
  EXPECT_TRUE(library.row(4).more);
  EXPECT_EQ(library.row(5).items.size(), 5U);
  EXPECT_FALSE(library.row(5).more);
  EXPECT_FALSE(library.row(6).more);

  // Between v2 and v3, which tie, the id decides.
  const Row second = library.row(2, place(library.row(3).items.back()));
  ASSERT_EQ(second.items.size(), 2U);
  EXPECT_EQ(second.items[0].video_id, "v3");
  EXPECT_EQ(second.items[1].video_id, "v4");
  EXPECT_FALSE(second.more);
  const Row none = library.row(2, place(second.items.back()));
  EXPECT_TRUE(none.items.empty());
  EXPECT_FALSE(none.more);
  // A place whose title is gone still is a place.
  EXPECT_EQ(library.row(1, RowPlace{ago(2), "v2x"}).items[0].video_id, "v3");
}

Library any_library() {
  Library library;
  const int count = *rc::gen::inRange(0, 16);
  for (int i = 0; i < count; ++i) {
    const auto series = *rc::gen::element<std::string_view>("", "", "", "s", "t");
    const Instant at = ago(*rc::gen::inRange<std::int64_t>(100, 108));
    Record& record = library["v" + std::to_string(i)];
    record.playhead = standing(at, series);
    if (*rc::gen::inRange(0, 6) == 0) record.hidden = Hidden{at, true};
    if (*rc::gen::inRange(0, 6) == 0) record.finished = Finished{at, true, "a"};
  }
  return library;
}

// What a move of this title can change in the row: itself, or its series.
std::string moves_with(const std::string& video_id, const Record& record) {
  const auto& series = record.playhead->series;
  return series ? "series " + std::string(series->id) : video_id;
}

// Pages through the row while heartbeats come in between the pages. `moved` is to hold what they
// touched. The answer is every id in the order it was shown.
std::vector<std::string> page_through(Library& library, std::set<std::string>& moved) {
  const auto limit = *rc::gen::inRange<std::size_t>(1, 5);
  std::vector<std::string> shown;
  std::optional<RowPlace> after;
  std::string last_id;
  for (std::int64_t page = 0;; ++page) {
    const Row row = library.row(limit, after);
    RC_ASSERT(row.items.size() <= limit);
    for (const Title& title : row.items) shown.emplace_back(title.video_id);
    if (!row.more) return shown;
    last_id = row.items.back().video_id;
    after = RowPlace{place(row.items.back()).watched_at, last_id};
    for (const auto& [video_id, record] : library.records()) {
      if (*rc::gen::inRange(0, 4) != 0) continue;
      Playhead playhead = *record.playhead;
      playhead.at = ago(90 - page);
      merge(library[video_id], Record{.playhead = playhead});
      moved.insert(moves_with(video_id, record));
    }
  }
}

RC_GTEST_PROP(Row, PagingNeitherRepeatsNorSkipsWhatDidNotMove, ()) {
  Library library = any_library();
  const auto at_first = library.ids();
  std::set<std::string> moved;
  const auto shown = page_through(library, moved);
  const std::set<std::string> seen(shown.begin(), shown.end());
  RC_ASSERT(seen.size() == shown.size());
  for (const auto& video_id : at_first) {
    if (!moved.contains(moves_with(video_id, library[video_id])))
      RC_ASSERT(seen.contains(video_id));
  }
}

RC_GTEST_PROP(Row, PagesOfAQuietRowAreTheRow, ()) {
  const Library library = any_library();
  const auto limit = *rc::gen::inRange<std::size_t>(1, 5);
  std::vector<std::string> shown;
  std::optional<RowPlace> after;
  for (bool more = true; more;) {
    const Row row = library.row(limit, after);
    for (const Title& title : row.items) shown.emplace_back(title.video_id);
    more = row.more;
    if (more) after = place(row.items.back());
  }
  RC_ASSERT(shown == library.ids());
}

}  // namespace
}  // namespace playhead
