// The capacity search over servers whose limit is known, its fit, and the plan by hand.
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "load/capacity.h"
#include "load/capacity_html.h"
#include "load/html_page.h"
#include "load/knee.h"
#include "load/plan.h"

namespace playhead {
namespace {

// A server that keeps the objective up to `limit_per_s`.
MeasureRate up_to(double limit_per_s, int& runs) {
  return [limit_per_s, &runs](double rate_per_s) -> Result<CapacityRun> {
    ++runs;
    CapacityRun run;
    run.rate_per_s = rate_per_s;
    run.kept = rate_per_s <= limit_per_s;
    return run;
  };
}

TEST(FindKnee, ComesWithinItsPrecisionFromBothSides) {
  for (const double limit : {1'000.0, 1'900.0, 2'000.0, 2'001.0, 55'555.0, 117'000.0}) {
    int runs = 0;
    const auto found = find_knee(up_to(limit, runs), {});
    ASSERT_TRUE(found);
    EXPECT_LE(found->knee_per_s, limit);
    EXPECT_GE(found->knee_per_s * 1.05, limit) << limit;
    EXPECT_FALSE(found->at_least);
    EXPECT_EQ(found->runs.size(), static_cast<std::size_t>(runs));
    EXPECT_LE(runs, 2 * 16) << "two of three decide";
  }
}

TEST(FindKnee, EndsAtTheHighestRateItMayTry) {
  int runs = 0;
  KneeSearch search;
  search.most_per_s = 5'000;
  const auto found = find_knee(up_to(1e9, runs), search);
  EXPECT_EQ(found->knee_per_s, 5'000);
  EXPECT_TRUE(found->at_least);
}

TEST(FindKnee, AServerThatKeepsNothingHoldsNothing) {
  int runs = 0;
  const auto found = find_knee(up_to(0, runs), {});
  EXPECT_EQ(found->knee_per_s, 0);
  EXPECT_FALSE(found->at_least);
  EXPECT_LE(runs, 32);
}

TEST(FindKnee, OneBadRunOfThreeIsNoMiss) {
  int runs = 0;
  const auto flaky = [&runs](double rate_per_s) -> Result<CapacityRun> {
    ++runs;
    CapacityRun run;
    run.rate_per_s = rate_per_s;
    run.kept = rate_per_s <= 10'000 && runs % 3 != 0;
    return run;
  };
  const auto found = find_knee(flaky, {});
  EXPECT_GE(found->knee_per_s * 1.05, 10'000);
  EXPECT_LE(found->knee_per_s, 10'000);
}

TEST(FindKnee, AMissOfTheGeneratorIsNoLimitOfTheServer) {
  const auto late = [](double rate_per_s) -> Result<CapacityRun> {
    CapacityRun run;
    run.rate_per_s = rate_per_s;
    run.kept = rate_per_s <= 10'000;
    run.generator_limited = !run.kept;
    return run;
  };
  EXPECT_TRUE(find_knee(late, {})->at_least);
}

TEST(FindKnee, AFailureIsToldOn) {
  const auto dead = [](double) -> Result<CapacityRun> { return fail(ErrorCode::internal, "gone"); };
  EXPECT_EQ(find_knee(dead, {}).error().detail, "gone");
}

TEST(MedianAtKnee, IsTheMiddleOfTheRunsThatWereKeptThere) {
  ThreadCapacity one;
  one.knee_per_s = 100;
  for (const double p99_us : {9.0, 1.0, 5.0})
    one.runs.push_back({100, 100, 0, p99_us, 0, 0, 0, true, false});
  one.runs.push_back({100, 100, 0, 7, 0, 0, 0, false, false});
  one.runs.push_back({90, 90, 0, 2, 0, 0, 0, true, false});
  EXPECT_EQ(median_at_knee(one).p99_us, 5);
  EXPECT_EQ(median_at_knee({}).p99_us, 0);
}

ThreadCapacity knee_of(unsigned threads, double rate_per_s, bool shared = false) {
  ThreadCapacity one;
  one.threads = threads;
  one.knee_per_s = rate_per_s;
  one.shared_cores = shared;
  return one;
}

TEST(FitScaling, FindsTheLawThatMadeThePoints) {
  const Scaling law{50'000, 0.05, 0.002, 4};
  std::vector<ThreadCapacity> searches;
  for (const unsigned n : {1U, 2U, 4U, 8U}) searches.push_back(knee_of(n, law.rate_at(n)));
  const Scaling fitted = fit_scaling(searches);
  EXPECT_NEAR(fitted.sigma, 0.05, 1e-9);
  EXPECT_NEAR(fitted.kappa, 0.002, 1e-9);
  EXPECT_EQ(fitted.points, 4U);
  EXPECT_NEAR(fitted.rate_at(16), 50'000 * 16 / (1 + 0.05 * 15 + 0.002 * 240), 1e-6);
}

TEST(FitScaling, TwoPointsGiveAmdahl) {
  // 1.8 times with two: 2/1.8 - 1 = sigma.
  const Scaling fitted = fit_scaling({knee_of(1, 1'000), knee_of(2, 1'800)});
  EXPECT_NEAR(fitted.sigma, 2 / 1.8 - 1, 1e-12);
  EXPECT_EQ(fitted.kappa, 0);
  EXPECT_NE(scaling_text(fitted).find("Amdahl"), std::string::npos);
}

TEST(FitScaling, InProportionMeansNothingIsLost) {
  const Scaling fitted = fit_scaling({knee_of(1, 10), knee_of(2, 20), knee_of(3, 30)});
  EXPECT_NEAR(fitted.sigma, 0, 1e-12);
  EXPECT_NEAR(fitted.kappa, 0, 1e-12);
}

TEST(FitScaling, NothingHelpsItself) {
  for (const auto& searches :
       {std::vector<ThreadCapacity>{knee_of(1, 10), knee_of(2, 25)},
        std::vector<ThreadCapacity>{knee_of(1, 10), knee_of(2, 25), knee_of(3, 20)},
        std::vector<ThreadCapacity>{knee_of(1, 10), knee_of(2, 15), knee_of(3, 29)}}) {
    const Scaling fitted = fit_scaling(searches);
    EXPECT_GE(fitted.sigma, 0);
    EXPECT_GE(fitted.kappa, 0);
  }
}

TEST(FitScaling, SharedCoresTellNothing) {
  const Scaling fitted = fit_scaling({knee_of(1, 1'000), knee_of(2, 900, true)});
  EXPECT_EQ(fitted.points, 1U);
  EXPECT_NE(scaling_text(fitted).find("cannot be told"), std::string::npos);
  EXPECT_EQ(fit_scaling({knee_of(2, 900)}).points, 0U);
}

CapacityResult some_capacity() {
  CapacityResult result;
  result.machine = "a <machine>";
  result.version = "playhead 1";
  result.date = "2026-01-01";
  result.slo = "p99=30ms,errors=0";
  ThreadCapacity one = knee_of(1, 50'000);
  one.runs.push_back({10'000, 9'990, 400, 2'000, 0, 25, 2'000, true, false});
  one.runs.push_back({50'000, 49'990, 800, 12'000, 0, 15, 400, true, false});
  one.runs.push_back({60'000, 51'000, 9'000, 90'000, 3, 19, 300, false, false});
  result.threads = {one};
  result.footprint = {.at_rest = 16e6,
                      .under_load = 200e6,
                      .per_connection = 700,
                      .per_connection_kernel = 4'300,
                      .connections = 5'000,
                      .per_record_memory = 10,
                      .per_record_disk = 100,
                      .records = 1'000'000};
  return result;
}

// A report every 10 s is a fifth of a request short: 0.1 / 0.8 = 0.125 requests a second, so 50,000
// a second are 400,000 viewers, of which 70 % are planned with: 280,000 a core.
TEST(Plan, FollowsFromTheMeasuredByHand) {
  const CapacityResult result = some_capacity();
  EXPECT_DOUBLE_EQ(requests_of_a_viewer(result), 0.125);
  EXPECT_DOUBLE_EQ(viewers_a_core(result), 400'000);
  PlanAssumptions assumptions;
  assumptions.container_bytes = 5e9;
  assumptions.log_bytes = 1e9;
  const auto plan = plan_for(result, 10'000'000, assumptions);
  ASSERT_TRUE(plan);
  EXPECT_DOUBLE_EQ(plan->requests_per_s, 1'250'000);
  EXPECT_DOUBLE_EQ(plan->containers_for_cpu, 10'000'000 / 280'000.0);  // 35.71
  // 10 million x 5,000 bytes, and x 3 titles x 90 days x 10 bytes: 50e9 + 27e9, over 80 % of 5e9
  // less 200e6.
  EXPECT_DOUBLE_EQ(plan->containers_for_memory, 77e9 / 3.8e9);  // 20.3
  EXPECT_EQ(plan->containers, 36U);
  EXPECT_DOUBLE_EQ(plan->viewers_a_container, 10'000'000 / 36.0);
  EXPECT_DOUBLE_EQ(plan->memory_a_container, 200e6 + 77e9 / 36);
  EXPECT_DOUBLE_EQ(plan->disk_growth_a_day, 3e9);  // 10 million x 3 x 100 bytes
  EXPECT_DOUBLE_EQ(plan->disk_kept, 306e9);        // 90 days of them, and 36 logs
  // 2 hours are 720 reports: 10 million x 720. Each container has 34,722 requests a second, between
  // 10,000 (2,000 bytes) and 50,000 (400).
  EXPECT_NEAR(plan->written_a_day.value(), 7.2e9 * (2'000 - 1'600 * 24'722.2 / 40'000), 1e8);
}

TEST(Plan, MemoryMayBeWhatCounts) {
  CapacityResult result = some_capacity();
  result.footprint.per_connection = 2'700;
  PlanAssumptions assumptions;
  assumptions.container_bytes = 2e9;
  assumptions.memory_percent = 100;
  EXPECT_EQ(plan_for(result, 10'000'000, assumptions)->containers, 54U);  // 97e9 / 1.8e9 = 53.9
  assumptions.memory_percent = 80;
  EXPECT_EQ(plan_for(result, 10'000'000, assumptions)->containers, 70U);  // 97e9 / 1.4e9 = 69.3
}

TEST(Plan, WhatAReportWritesDependsOnTheRate) {
  CapacityResult result = some_capacity();
  result.threads[0].runs.push_back({10'000, 9'990, 400, 2'000, 0, 25, 9'000, false, false});
  result.threads[0].runs.push_back({10'000, 9'990, 400, 2'000, 0, 25, 2'200, true, false});
  result.threads[0].runs.push_back({10'000, 9'990, 400, 2'000, 0, 25, 2'900, true, false});
  EXPECT_DOUBLE_EQ(written_at(result, 100), 2'200) << "of the nearest, its median";
  EXPECT_DOUBLE_EQ(written_at(result, 10'000), 2'200);
  EXPECT_DOUBLE_EQ(written_at(result, 30'000), 1'300);
  EXPECT_DOUBLE_EQ(written_at(result, 50'000), 400);
  EXPECT_DOUBLE_EQ(written_at(result, 60'000), 400) << "what was missed tells of nothing";
  result.threads[0].runs.clear();
  EXPECT_DOUBLE_EQ(written_at(result, 10'000), 0);
}

TEST(Plan, SaysWhatWasNotFound) {
  CapacityResult result = some_capacity();
  result.footprint.per_record_memory = 0;
  result.threads[0].at_least = true;
  const std::string some = plan_text(result, {}, {});
  EXPECT_NE(some.find("too few to weigh"), std::string::npos) << some;
  EXPECT_NE(some.find("holds at least 400,000 viewers"), std::string::npos) << some;
  EXPECT_NE(some.find("700 B, and 4.2 KiB of the kernel's"), std::string::npos) << some;
  EXPECT_NE(some.find("2 KiB; 400 B"), std::string::npos) << some;
  result.threads[0].knee_per_s = 0;
  const std::string none = plan_text(result, {}, {});
  EXPECT_NE(none.find("none, down to 10,000/s"), std::string::npos) << none;
  EXPECT_EQ(none.find("p99 there"), std::string::npos) << none;
}

TEST(Plan, AnAudienceOfOneNeedsAContainer) {
  EXPECT_EQ(plan_for(some_capacity(), 1, {})->containers, 1U);
}

TEST(Plan, AWholeNumberOfContainersIsNotOneMore) {
  PlanAssumptions roomy;
  roomy.container_bytes = 1e12;
  EXPECT_EQ(plan_for(some_capacity(), 560'000, roomy)->containers, 2U);
  EXPECT_EQ(plan_for(some_capacity(), 560'001, roomy)->containers, 3U);
}

TEST(Plan, SaysWhatItLacks) {
  CapacityResult result = some_capacity();
  result.footprint.connections = 0;
  EXPECT_NE(plan_for(result, 1, {}).error().detail.find("--target"), std::string::npos);
  result = some_capacity();
  result.threads = {knee_of(2, 90'000), knee_of(1, 50'000, true)};
  EXPECT_NE(plan_for(result, 1, {}).error().detail.find("one thread"), std::string::npos);
  PlanAssumptions tiny;
  tiny.container_bytes = 100e6;
  EXPECT_NE(plan_for(some_capacity(), 1, tiny).error().detail.find("caches"), std::string::npos);
}

TEST(CapacityFile, GivesBackWhatWasWritten) {
  const std::string text = capacity_json(some_capacity());
  const auto read = parse_capacity(text);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(capacity_json(*read), text);
}

// A format has bytes written by hand: read and written by one list of members, a name that changed
// would go unseen. Every value is another, and none what it is by itself.
TEST(CapacityFile, HasTheMembersOfTheFormat) {
  const std::string text =
      R"({"machine":"m","version":"v","date":"d","slo":"s","reads_percent":25,)"
      R"("beat_ms":5000,"connections":64,)"
      R"("threads":[{"threads":2,"shared_cores":true,"knee_per_s":3,"at_least":true,"runs":[)"
      R"({"rate_per_s":4,"succeeded_per_s":5,"p50_us":6,"p99_us":7,"errors":8,"server_cpu_us":9,)"
      R"("written_bytes":16,"kept":true,"generator_limited":false},)"
      R"({"rate_per_s":1,"succeeded_per_s":1,"p50_us":1,"p99_us":1,"errors":1,"server_cpu_us":1,)"
      R"("written_bytes":1,"kept":false,"generator_limited":true}]}],)"
      R"("footprint":{"at_rest_bytes":10,"under_load_bytes":11,"per_connection_bytes":12,)"
      R"("per_connection_kernel_bytes":18,"connections":13,"per_record_memory_bytes":14,)"
      R"("per_record_disk_bytes":15,"records":17}})";
  const auto read = parse_capacity(text);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->machine + read->version + read->date + read->slo, "mvds");
  EXPECT_EQ(read->reads_percent, 25);
  EXPECT_EQ(read->beat_ms, 5'000);
  EXPECT_EQ(read->connections, 64U);
  ASSERT_EQ(read->threads.size(), 1U);
  const ThreadCapacity& one = read->threads[0];
  EXPECT_EQ(one.threads, 2U);
  EXPECT_TRUE(one.shared_cores && one.at_least);
  EXPECT_EQ(one.knee_per_s, 3);
  ASSERT_EQ(one.runs.size(), 2U);
  const CapacityRun& run = one.runs[0];
  EXPECT_EQ((std::array{run.rate_per_s, run.succeeded_per_s, run.p50_us, run.p99_us}),
            (std::array{4.0, 5.0, 6.0, 7.0}));
  EXPECT_EQ(run.errors, 8U);
  EXPECT_EQ(run.server_cpu_us, 9);
  EXPECT_EQ(run.written_bytes, 16);
  EXPECT_TRUE(run.kept && !run.generator_limited);
  EXPECT_TRUE(!one.runs[1].kept && one.runs[1].generator_limited);
  const Footprint& foot = read->footprint;
  EXPECT_EQ((std::array{foot.at_rest, foot.under_load, foot.per_connection,
                        foot.per_connection_kernel, foot.per_record_memory, foot.per_record_disk}),
            (std::array{10.0, 11.0, 12.0, 18.0, 14.0, 15.0}));
  EXPECT_EQ(foot.connections, 13U);
  EXPECT_EQ(foot.records, 17U);
}

TEST(CapacityFile, SaysWhatIsMissingOrWrong) {
  EXPECT_FALSE(parse_capacity("{"));
  EXPECT_FALSE(parse_capacity("[]"));
  const std::string good = capacity_json(some_capacity());
  const struct {
    const char* from;
    const char* to;
    const char* named;
  } cases[] = {{"\"knee_per_s\":5E4", "\"knee\":5E4", "knee_per_s"},
               {"\"beat_ms\":10000", "\"beat_ms\":0", "beat_ms"},
               {"\"reads_percent\":2E1", "\"reads_percent\":100", "reads_percent"},
               {"\"records\":1000000", "\"records\":-1", "records"},
               {"\"records\":1000000", "\"records\":1e300", "records"},
               {"\"threads\":1,", "\"threads\":4294967296,", "threads"},
               {"\"runs\":[{", "\"runs\":[7,{", "runs"},
               {"\"kept\":true", "\"kept\":1", "kept"},
               {"\"machine\":\"a <machine>\"", "\"machine\":7", "machine"}};
  for (const auto& one : cases) {
    std::string text = good;
    const auto place = text.find(one.from);
    ASSERT_NE(place, std::string::npos) << one.from << " in " << text;
    text.replace(place, std::string(one.from).size(), one.to);
    const auto read = parse_capacity(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().detail.find(one.named), std::string::npos) << read.error().detail;
  }
}

TEST(CapacityPage, ShowsTheKneeAndEscapesWhatItTells) {
  const CapacityResult result = some_capacity();
  const auto plan = plan_for(result, 1'000'000, {});
  const std::string page = capacity_html(result, {*plan}, {});
  EXPECT_NE(page.find("a &lt;machine&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<machine>"), std::string::npos);
  EXPECT_NE(page.find("holds 50k/s"), std::string::npos);
  EXPECT_NE(page.find("memory a connection, and 4.2 KiB of the kernel"), std::string::npos);
  EXPECT_EQ(page.find("://"), std::string::npos);
}

TEST(Formats, OfBytesCountsAndAxes) {
  EXPECT_EQ(format_bytes(659), "659 B");
  EXPECT_EQ(format_bytes(1'536), "1.5 KiB");
  EXPECT_EQ(format_bytes(2.0 * (1U << 30U)), "2 GiB");
  EXPECT_EQ(format_bytes(1'000.0 * 1'024 * 1'024), "0.98 GiB");
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1'000), "1,000");
  EXPECT_EQ(format_count(12'345'678), "12,345,678");
  EXPECT_EQ(chart_value(ChartUnit::per_second, 12'500), "12.5k/s");
  EXPECT_EQ(chart_value(ChartUnit::count, 1'250'000), "1.25M");
  EXPECT_EQ(nice_step(0.3), 0.5);
  EXPECT_EQ(nice_step(6), 10);
  EXPECT_EQ(nice_step(20), 20);
}

}  // namespace
}  // namespace playhead
