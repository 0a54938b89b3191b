// When requests fall due, and that the server has no say in it.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "load/backlog.h"
#include "load/histogram.h"
#include "load/schedule.h"

namespace playhead {
namespace {

LoadOptions viewers_of(std::uint32_t viewers) {
  LoadOptions options;
  options.viewers = viewers;
  return options;
}

// Everything that falls due, asked for every `look_ns`.
std::vector<PlannedRequest> all_of(const LoadOptions& options, std::int64_t end_ns,
                                   std::int64_t look_ns, std::size_t index = 0) {
  LoadSchedule schedule(options, index, end_ns);
  std::vector<PlannedRequest> all;
  for (std::int64_t now_ns = 0; !schedule.ended(); now_ns += look_ns) {
    while (const auto planned = schedule.take(now_ns)) {
      EXPECT_LE(planned->due_ns, now_ns);
      all.push_back(*planned);
    }
  }
  return all;
}

bool same(const PlannedRequest& a, const PlannedRequest& b) {
  return a.due_ns == b.due_ns && a.viewer == b.viewer && a.video == b.video &&
         a.position_ms == b.position_ms && a.route == b.route && a.event == b.event;
}

// An open model: who looks late, because the server is slow, finds the same requests due at the
// same times.
TEST(LoadSchedule, DoesNotDependOnWhenItIsAsked) {
  for (const bool by_rate : {false, true}) {
    LoadOptions options = viewers_of(500);
    if (by_rate) options.rate_per_s = 300;
    const auto often = all_of(options, 60 * kSecondNs, kMillisecondNs);
    const auto seldom = all_of(options, 60 * kSecondNs, 7'777 * kMillisecondNs);
    ASSERT_EQ(often.size(), seldom.size());
    for (std::size_t i = 0; i < often.size(); ++i) ASSERT_TRUE(same(often[i], seldom[i])) << i;
  }
}

TEST(LoadSchedule, ComesInTheOrderOfItsTimes) {
  const auto all = all_of(viewers_of(1'000), 120 * kSecondNs, kMillisecondNs);
  for (std::size_t i = 1; i < all.size(); ++i) ASSERT_LE(all[i - 1].due_ns, all[i].due_ns);
}

TEST(LoadSchedule, NeverSaysToWaitLongerThanUntilTheNext) {
  LoadSchedule schedule(viewers_of(50), 0, 90 * kSecondNs);
  std::int64_t now_ns = 0;
  while (!schedule.ended()) {
    const std::int64_t promised_ns = schedule.next_due_ns();
    now_ns += 100'000;
    while (const auto planned = schedule.take(now_ns)) {
      // What falls due behind the first was promised anew.
      ASSERT_GE(planned->due_ns, promised_ns);
    }
  }
}

TEST(LoadSchedule, EachViewerReportsAboutEveryTenSeconds) {
  const auto all = all_of(viewers_of(2'000), 300 * kSecondNs, kMillisecondNs);
  std::map<std::uint32_t, std::pair<std::int64_t, Event>> last;
  std::size_t beats = 0;
  for (const PlannedRequest& request : all) {
    if (request.route != LoadRoute::report) continue;
    const auto before = last.find(request.viewer);
    const bool went_on =
        before != last.end() && request.seq > 1 &&
        (before->second.second == Event::tick || before->second.second == Event::seek);
    if (went_on) {
      const double gap_s = static_cast<double>(request.due_ns - before->second.first) / 1e9;
      ASSERT_GE(gap_s, 8.99);
      ASSERT_LE(gap_s, 11.01);
      ++beats;
    }
    last[request.viewer] = {request.due_ns, request.event};
  }
  EXPECT_GT(beats, 40'000U);
}

TEST(LoadSchedule, FourOfFiveAreReports) {
  const auto all = all_of(viewers_of(2'000), 300 * kSecondNs, kMillisecondNs);
  std::map<LoadRoute, double> share;
  for (const PlannedRequest& request : all)
    share[request.route] += 100.0 / static_cast<double>(all.size());
  EXPECT_NEAR(share[LoadRoute::report], 80, 1);
  EXPECT_GT(share[LoadRoute::row], 5);
  EXPECT_GT(share[LoadRoute::resume_point], 5);
}

TEST(LoadSchedule, HalfOfThemMayBeReads) {
  LoadOptions options = viewers_of(1'000);
  options.reads_percent = kReadsPercentMax;
  const auto all = all_of(options, 300 * kSecondNs, kMillisecondNs);
  const auto reports = std::ranges::count(all, LoadRoute::report, &PlannedRequest::route);
  EXPECT_NEAR(100.0 * static_cast<double>(reports) / static_cast<double>(all.size()), 50, 1);
}

TEST(LoadSchedule, WithoutReadsAllAreReports) {
  LoadOptions options = viewers_of(2'000);
  options.reads_percent = 0;
  for (const PlannedRequest& request : all_of(options, 100 * kSecondNs, kMillisecondNs)) {
    ASSERT_EQ(request.route, LoadRoute::report);
  }
}

// The verifier's ground: positions of a viewer in a video only grow, and sequence numbers too.
TEST(LoadSchedule, PositionsOfAViewerInAVideoOnlyGrow) {
  LoadOptions options = viewers_of(300);
  options.beat_ms = 200;  // many sessions in little time
  std::map<std::pair<std::uint32_t, std::uint32_t>, PlannedRequest> last;
  std::set<std::pair<std::uint32_t, std::uint32_t>> sessions;
  for (const PlannedRequest& request : all_of(options, 600 * kSecondNs, kMillisecondNs)) {
    if (request.route != LoadRoute::report) continue;
    ASSERT_LE(request.position_ms, title_duration_ms(request.video));
    sessions.insert({request.viewer, request.session});
    const auto [before, first] = last.try_emplace({request.viewer, request.video}, request);
    if (first) continue;
    ASSERT_EQ(before->second.session, request.session);
    ASSERT_GE(request.position_ms, before->second.position_ms);
    ASSERT_EQ(request.seq, before->second.seq + 1);
    before->second = request;
  }
  EXPECT_GT(sessions.size(), 600U) << "nobody stopped or came to the end";
}

TEST(LoadSchedule, PoissonGapsAreExponential) {
  LoadOptions options = viewers_of(10'000);
  options.rate_per_s = 1'000;
  const auto all = all_of(options, 100 * kSecondNs, kMillisecondNs);
  // Of 100,000 the standard deviation is 316.
  EXPECT_NEAR(static_cast<double>(all.size()), 100'000, 5 * 316);
  std::size_t over_mean = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i].due_ns - all[i - 1].due_ns > kMillisecondNs) ++over_mean;
  }
  EXPECT_NEAR(static_cast<double>(over_mean) / static_cast<double>(all.size()), std::exp(-1), 0.01);
}

TEST(LoadSchedule, AlignedMeansEveryoneAtOnce) {
  LoadOptions options = viewers_of(700);
  options.arrivals = Arrivals::aligned;
  std::map<std::int64_t, std::multiset<std::uint32_t>> reporting;
  std::size_t looks = 0;
  for (const PlannedRequest& request : all_of(options, 30 * kSecondNs, kMillisecondNs)) {
    if (request.route == LoadRoute::report) {
      reporting[request.due_ns].insert(request.viewer);
    } else {
      ++looks;
      EXPECT_EQ(request.due_ns % (10 * kSecondNs), 0);
    }
  }
  ASSERT_EQ(reporting.size(), 3U);
  for (const auto& [due_ns, viewers] : reporting) {
    EXPECT_EQ(due_ns % (10 * kSecondNs), 0);
    EXPECT_EQ(viewers.size(), 700U);
    EXPECT_EQ(std::set(viewers.begin(), viewers.end()).size(), 700U);
  }
  // On top of them, a fifth of all.
  EXPECT_NEAR(static_cast<double>(looks) / (looks + 3 * 700.0), 0.2, 0.05);
}

TEST(LoadSchedule, ThreadsShareViewersAndRate) {
  LoadOptions options = viewers_of(1'001);
  options.threads = 3;
  std::set<std::uint32_t> numbers;
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const LoadSchedule schedule(options, i, kSecondNs);
    for (std::uint32_t v = 0; v < schedule.viewers().count(); ++v) {
      numbers.insert(schedule.viewers().number_of(v));
    }
    total += schedule.viewers().count();
  }
  EXPECT_EQ(total, 1'001U);
  EXPECT_EQ(numbers.size(), 1'001U);
  options.rate_per_s = 600;
  EXPECT_NEAR(static_cast<double>(all_of(options, 50 * kSecondNs, kMillisecondNs, 1).size()),
              10'000, 5 * 100);
}

PlannedRequest planned(std::uint32_t viewer, std::int64_t due_ns) {
  PlannedRequest request;
  request.viewer = viewer;
  request.due_ns = due_ns;
  return request;
}

TEST(Backlog, AViewerHasOneRequestUnderWay) {
  Backlog backlog(3, 10);
  for (std::int64_t i = 0; i < 3; ++i) ASSERT_TRUE(backlog.add(planned(1, i)));
  ASSERT_TRUE(backlog.add(planned(2, 3)));
  const auto first = backlog.pop();
  EXPECT_EQ(backlog[first].planned.due_ns, 0);
  const auto other = backlog.pop();
  EXPECT_EQ(backlog[other].planned.viewer, 2U);
  EXPECT_EQ(backlog.pop(), Backlog::kNone);
  EXPECT_EQ(backlog.waiting(), 2U);
  backlog.finish(first, 50);
  const auto second = backlog.pop();
  EXPECT_EQ(backlog[second].planned.due_ns, 1);
  EXPECT_EQ(backlog[second].ready_ns, 50) << "the wait for its viewer is not the generator's";
  backlog.finish(second, 60);
  backlog.finish(backlog.pop(), 70);
  backlog.finish(other, 80);
  EXPECT_TRUE(backlog.empty());
  EXPECT_FALSE(backlog.has_ready());
}

TEST(Backlog, RefusesWhatIsOverItsBound) {
  Backlog backlog(5, 2);
  EXPECT_TRUE(backlog.add(planned(0, 0)));
  EXPECT_TRUE(backlog.add(planned(1, 0)));
  EXPECT_FALSE(backlog.add(planned(2, 0)));
  const Backlog::Id under_way = backlog.pop();
  EXPECT_TRUE(backlog.add(planned(2, 0)));  // what is under way waits no more
  EXPECT_FALSE(backlog.add(planned(3, 0)));
  backlog.finish(under_way, 1);
  EXPECT_FALSE(backlog.add(planned(3, 0)));
}

// A clock that we turn, and a server that answers in 1 ms but stands still for a second: counted
// from when they were due, as many requests are slow as fell due meanwhile; counted from when they
// were sent, one is.
TEST(LoadSchedule, AStallShowsInEveryRequestThatWasDueInIt) {
  LoadOptions options = viewers_of(10'000);
  options.rate_per_s = 500;
  LoadSchedule schedule(options, 0, 10 * kSecondNs);
  Backlog backlog(options.viewers, 100'000);
  DigitHistogram latency_us(3, 3'600'000'000);
  DigitHistogram service_us(3, 3'600'000'000);
  std::size_t due_while_stalled = 0;
  const std::int64_t stall_ns = 4 * kSecondNs;
  const std::int64_t stall_end_ns = 5 * kSecondNs;

  Backlog::Id under_way = Backlog::kNone;
  std::int64_t answer_ns = 0;
  for (std::int64_t now_ns = 0; !schedule.ended() || !backlog.empty(); now_ns += 100'000) {
    while (const auto request = schedule.take(now_ns)) {
      ASSERT_TRUE(backlog.add(*request));
      // The backlog of the stall is worked off at twice the rate: a second of it.
      if (request->due_ns >= stall_ns && request->due_ns < stall_end_ns) ++due_while_stalled;
    }
    if (under_way != Backlog::kNone && now_ns >= answer_ns) {
      latency_us.record(static_cast<std::uint64_t>(now_ns - backlog[under_way].planned.due_ns) /
                        1'000);
      service_us.record(static_cast<std::uint64_t>(now_ns - backlog[under_way].sent_ns) / 1'000);
      backlog.finish(under_way, now_ns);
      under_way = Backlog::kNone;
    }
    if (under_way == Backlog::kNone && (under_way = backlog.pop()) != Backlog::kNone) {
      backlog[under_way].sent_ns = now_ns;
      const bool stalled = now_ns >= stall_ns && now_ns < stall_end_ns;
      answer_ns = (stalled ? stall_end_ns : now_ns) + kMillisecondNs;
    }
  }
  EXPECT_EQ(service_us.count_over(100'000), 1U);
  EXPECT_GT(due_while_stalled, 400U);
  EXPECT_GE(latency_us.count_over(100'000), due_while_stalled * 8 / 10);
}

}  // namespace
}  // namespace playhead
