// The scrape page, to the byte, and as promtool sees it.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "telemetry/exposition.h"
#include "telemetry/process_stats.h"

namespace playhead {
namespace {

constexpr std::array<std::uint64_t, 3> kBoundsUs = {100, 2'500, 10'000'000};

std::string sample_text(double value) {
  Exposition page;
  page.sample(value);
  return page.text();
}

TEST(Exposition, WritesAFamily) {
  Exposition page;
  page.family("playhead_reports_total", MetricType::counter, "Reports received.");
  page.sample(3U, {{"event", "tick"}, {"verdict", "written"}});
  page.sample(0U, {{"event", "play"}, {"verdict", "written"}});
  page.family("playhead_queue_bytes", MetricType::gauge, "Bytes that wait.");
  page.sample(1.5);
  EXPECT_EQ(page.text(),
            "# HELP playhead_reports_total Reports received.\n"
            "# TYPE playhead_reports_total counter\n"
            "playhead_reports_total{event=\"tick\",verdict=\"written\"} 3\n"
            "playhead_reports_total{event=\"play\",verdict=\"written\"} 0\n"
            "# HELP playhead_queue_bytes Bytes that wait.\n"
            "# TYPE playhead_queue_bytes gauge\n"
            "playhead_queue_bytes 1.5\n");
}

TEST(Exposition, EscapesWhatItMust) {
  Exposition page;
  page.family("x", MetricType::gauge, "A \"quoted\" \\ and\na line feed.");
  page.sample(1, {{"label", "a \"quoted\" \\ and\na line feed, é"}});
  EXPECT_EQ(page.text(),
            "# HELP x A \"quoted\" \\\\ and\\na line feed.\n"
            "# TYPE x gauge\n"
            "x{label=\"a \\\"quoted\\\" \\\\ and\\na line feed, é\"} 1\n");
}

TEST(Exposition, WritesIntegersExactly) {
  Exposition page;
  page.sample(std::numeric_limits<std::uint64_t>::max());
  page.sample(std::numeric_limits<std::int64_t>::min());
  page.sample(0);
  page.sample(true);
  EXPECT_EQ(page.text(), " 18446744073709551615\n -9223372036854775808\n 0\n 1\n");
}

TEST(Exposition, WritesDoublesWithTheirShortestDigits) {
  EXPECT_EQ(sample_text(0.1), " 0.1\n");
  EXPECT_EQ(sample_text(1.0 / 3), " 0.3333333333333333\n");
  EXPECT_EQ(sample_text(-0.0), " -0\n");
  EXPECT_EQ(sample_text(5), " 5\n");
  EXPECT_EQ(sample_text(0.0001), " 0.0001\n");
  EXPECT_EQ(sample_text(0.00001), " 1e-05\n");
  EXPECT_EQ(sample_text(-999'999'999'999'999.9), " -999999999999999.9\n");
  EXPECT_EQ(sample_text(1e15), " 1e+15\n");
  EXPECT_EQ(sample_text(1.7976931348623157e308), " 1.7976931348623157e+308\n");
  EXPECT_EQ(sample_text(-0.00012345678901234567), " -0.00012345678901234567\n");
  EXPECT_EQ(sample_text(std::numeric_limits<double>::infinity()), " +Inf\n");
  EXPECT_EQ(sample_text(-std::numeric_limits<double>::infinity()), " -Inf\n");
  EXPECT_EQ(sample_text(std::numeric_limits<double>::quiet_NaN()), " NaN\n");
}

TEST(Exposition, WritesAHistogramThatCountsUp) {
  Histogram<3> histogram(kBoundsUs);
  histogram.observe(100, 2);
  histogram.observe(101);
  histogram.observe(10'000'001);
  Exposition page;
  page.family("playhead_commit_seconds", MetricType::histogram, "Time of a commit.");
  page.histogram(histogram, kMicrosecondsPerSecond, {{"store", "rocksdb"}});
  EXPECT_EQ(page.text(),
            "# HELP playhead_commit_seconds Time of a commit.\n"
            "# TYPE playhead_commit_seconds histogram\n"
            "playhead_commit_seconds_bucket{store=\"rocksdb\",le=\"0.0001\"} 2\n"
            "playhead_commit_seconds_bucket{store=\"rocksdb\",le=\"0.0025\"} 3\n"
            "playhead_commit_seconds_bucket{store=\"rocksdb\",le=\"10\"} 3\n"
            "playhead_commit_seconds_bucket{store=\"rocksdb\",le=\"+Inf\"} 4\n"
            "playhead_commit_seconds_sum{store=\"rocksdb\"} 10.000302\n"
            "playhead_commit_seconds_count{store=\"rocksdb\"} 4\n");
}

TEST(HistogramSum, AddsTheHistogramsOfAllThreads) {
  Histogram<3> one(kBoundsUs);
  Histogram<3> other(kBoundsUs);
  one.observe(1);
  other.observe(1, 2);
  other.observe(20'000'000);
  HistogramSum sum(kBoundsUs);
  EXPECT_EQ(sum.counts(), std::vector<std::uint64_t>(4, 0));
  sum.add(one);
  sum.add(other);
  EXPECT_EQ(sum.counts(), (std::vector<std::uint64_t>{3, 0, 0, 1}));
  EXPECT_EQ(sum.sum(), 20'000'003U);

  Exposition page;
  page.histogram(sum, kUnscaled);
  EXPECT_EQ(page.text(),
            "_bucket{le=\"100\"} 3\n_bucket{le=\"2500\"} 3\n_bucket{le=\"10000000\"} 3\n"
            "_bucket{le=\"+Inf\"} 4\n_sum 20000003\n_count 4\n");
}

TEST(HistogramSumDeathTest, RefusesOtherBounds) {
  HistogramSum sum(kBoundsUs);
  EXPECT_DEATH(sum.add(Histogram<3>({1, 2, 3})), "");
  EXPECT_DEATH(sum.add(Histogram<1>({100})), "");
}

// The value of a sample without labels, or -1.
double value_of(const std::string& page, const std::string& name) {
  const auto found = page.find("\n" + name + " ");
  return found == std::string::npos ? -1 : std::strtod(&page[found + name.size() + 2], nullptr);
}

TEST(ProcessStats, TellsOfThisProcess) {
  Exposition before;
  append_process_stats(before);
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  Exposition after;
  append_process_stats(after);
  close(ends[0]);
  close(ends[1]);

  const std::string& page = after.text();
  EXPECT_GT(value_of(page, "process_resident_memory_bytes"), 1e6);
  EXPECT_LT(value_of(page, "process_resident_memory_bytes"), 1e12);
  EXPECT_GT(value_of(page, "process_cpu_seconds_total"), 0);
  EXPECT_GE(value_of(before.text(), "process_open_fds"), 1);
  EXPECT_EQ(value_of(page, "process_open_fds"), value_of(before.text(), "process_open_fds") + 2);
  EXPECT_GE(value_of(page, "process_max_fds"), value_of(page, "process_open_fds"));
  const auto now = static_cast<double>(time(nullptr));
  EXPECT_LE(value_of(page, "process_start_time_seconds"), now + 1);
  EXPECT_GE(value_of(page, "process_start_time_seconds"), now - 3'600);
}

TEST(Exposition, SatisfiesPromtool) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "no promtool";
  Exposition page;
  page.family("playhead_reports_total", MetricType::counter, "Reports with \\ and\nmore.");
  page.sample(3U, {{"event", "tick"}});
  page.sample(4U, {{"event", "\"\\\n"}});
  page.family("playhead_commit_seconds", MetricType::histogram, "Time of a commit.");
  LatencyHistogram latency(kLatencyBoundsUs);
  latency.observe(300);
  page.histogram(latency, kMicrosecondsPerSecond);
  page.family("playhead_batch_writes", MetricType::histogram, "Writes of a commit.");
  page.histogram(BatchHistogram(kBatchBounds), kUnscaled, {{"store", "memory"}});
  append_process_stats(page);

  const std::string path = testing::TempDir() + "playhead_metrics_" + std::to_string(getpid());
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fwrite(page.text().data(), 1, page.text().size(), file);
  std::fclose(file);
  std::FILE* tool = popen(("promtool check metrics <" + path + " 2>&1").c_str(), "r");
  ASSERT_NE(tool, nullptr);
  std::string said;
  std::array<char, 4096> some;
  while (std::fgets(some.data(), some.size(), tool) != nullptr) said += some.data();
  EXPECT_EQ(pclose(tool), 0) << said;
  EXPECT_EQ(said, "");
  std::remove(path.c_str());
}

}  // namespace
}  // namespace playhead
