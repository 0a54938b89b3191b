// Live sessions: who counts as one, and the bound.
#include "command/live_sessions.h"

#include <gtest/gtest.h>

namespace playhead {
namespace {

constexpr ViewerRef kAlice{"alice", ""};

Report of_session(std::string_view session, std::string_view device = {}) {
  Report report;
  report.video_id = "v";
  report.session = session;
  report.device = device;
  return report;
}

void see(LiveSessions& sessions, const Report& report, std::int64_t position_ms) {
  sessions.find(kAlice, report);
  sessions.remember({{}, std::nullopt, position_ms, std::nullopt});
}

TEST(LiveSessions, AreApartBySessionVideoViewerAndWithoutSessionByDevice) {
  LiveSessions sessions(100);
  see(sessions, of_session("a"), 1);
  see(sessions, of_session("", "tv"), 2);
  EXPECT_EQ(sessions.find(kAlice, of_session("a"))->position_ms, 1);
  EXPECT_EQ(sessions.find(kAlice, of_session("", "tv"))->position_ms, 2);
  EXPECT_EQ(sessions.find(kAlice, of_session("b")), nullptr);
  EXPECT_EQ(sessions.find(kAlice, of_session("", "phone")), nullptr);
  EXPECT_EQ(sessions.find({"alice", "kids"}, of_session("a")), nullptr);
  Report other_video = of_session("a");
  other_video.video_id = "w";
  EXPECT_EQ(sessions.find(kAlice, other_video), nullptr);
}

TEST(LiveSessions, ASessionIdIsNotADevice) {
  LiveSessions sessions(100);
  see(sessions, of_session("", "a"), 1);
  EXPECT_EQ(sessions.find(kAlice, of_session("a")), nullptr);
}

TEST(LiveSessions, TheBoundHoldsAndTheBusyStay) {
  LiveSessions sessions(100);
  for (int i = 0; i < 1'000; ++i) {
    see(sessions, of_session("busy"), i);
    see(sessions, of_session("s" + std::to_string(i)), i);
    ASSERT_LE(sessions.size(), 100U);
  }
  EXPECT_EQ(sessions.find(kAlice, of_session("busy"))->position_ms, 999);
  EXPECT_EQ(sessions.find(kAlice, of_session("s0")), nullptr);
}

TEST(LiveSessions, ClearBelievesEveryoneAgain) {
  LiveSessions sessions(100);
  see(sessions, of_session("a"), 1);
  sessions.clear();
  EXPECT_EQ(sessions.find(kAlice, of_session("a")), nullptr);
  EXPECT_EQ(sessions.size(), 0U);
}

}  // namespace
}  // namespace playhead
