// The generator's clock: what falls due while the generator, or the server, stands still is late.
#include "load/load_loop.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace playhead {
namespace {

using std::chrono::milliseconds;
using Tcp = boost::asio::ip::tcp;

constexpr milliseconds kStall{300};
constexpr std::uint64_t kHalfAStallUs = 150'000;
constexpr double kRatePerS = 2'000;
// Of those due in the first half of a stall, which all wait for more than its other half. The
// arrivals are drawn; a machine that stalls as well makes more of them late, not fewer.
constexpr std::uint64_t kLateMin = 200;

// Answers each report with 204, on a thread of its own. It can be held up once.
class SmallServer {
 public:
  explicit SmallServer(milliseconds stall = {}) : stall_(stall) {
    accept();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~SmallServer() {
    io_.stop();
    thread_.join();
  }

  LoadTarget target() const {
    return {{"127.0.0.1", acceptor_.local_endpoint().port()}, "127.0.0.1"};
  }

 private:
  struct Session {
    explicit Session(Tcp::socket taken) : socket(std::move(taken)) {}
    Tcp::socket socket;
    std::string got = std::string(4'096, '\0');
  };

  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
      if (error) return;
      read(std::make_shared<Session>(std::move(socket)));
      accept();
    });
  }

  // A report is a few hundred bytes, written at once.
  void read(const std::shared_ptr<Session>& session) {
    session->socket.async_read_some(
        boost::asio::buffer(session->got),
        [this, session](const boost::system::error_code& error, std::size_t /*size*/) {
          if (error) return;
          if (++answered_ == 100) std::this_thread::sleep_for(stall_);
          boost::system::error_code ignored;
          constexpr std::string_view kAnswer = "HTTP/1.1 204 No Content\r\n\r\n";
          boost::asio::write(session->socket, boost::asio::buffer(kAnswer), ignored);
          read(session);
        });
  }

  const milliseconds stall_;
  int answered_ = 0;
  boost::asio::io_context io_;
  Tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

// The machine's clock, which holds whoever asks up once, a tenth of a second after it is told to.
class HeldUpClock final : public Clock {
 public:
  Instant now() override { return clock_.now(); }
  std::chrono::steady_clock::time_point steady() override {
    if (armed_ && clock_.steady() > hold_at_) {
      armed_ = false;
      std::this_thread::sleep_for(kStall);
    }
    return clock_.steady();
  }
  void arm() {
    hold_at_ = clock_.steady() + milliseconds(100);
    armed_ = true;
  }

 private:
  SystemClock clock_;
  std::chrono::steady_clock::time_point hold_at_;
  bool armed_ = false;
};

LoadOptions options_for(const LoadTarget& target) {
  LoadOptions options;
  options.target = target;
  options.rate_per_s = kRatePerS;
  options.viewers = viewers_for(kRatePerS, options.beat_ms);
  options.reads_percent = 0;
  options.warmup_ms = 50;
  options.duration_ms = 700;
  options.connections = 64;
  return options;
}

std::string token_of(std::uint32_t /*viewer*/) {
  return "token";
}

LoadResult result_of(
    const LoadOptions& options, Clock& clock, const std::function<void()>& before_it_runs = [] {}) {
  LoadLoop loop(options, 0, 1, token_of, clock);
  EXPECT_TRUE(loop.connect(milliseconds(5'000)));
  before_it_runs();
  loop.run(clock.steady());
  return loop.result();
}

TEST(LoadLoop, CountsWhatTheScheduleHasDueAfterTheWarmUp) {
  const SmallServer server;
  const LoadOptions options = options_for(server.target());
  SystemClock clock;
  const LoadResult result = result_of(options, clock);
  const std::int64_t end_ns = (options.warmup_ms + options.duration_ms) * kMillisecondNs;
  LoadSchedule schedule(options, 0, end_ns);
  std::uint64_t due = 0;
  while (const auto planned = schedule.take(end_ns)) {
    if (planned->due_ns >= options.warmup_ms * kMillisecondNs) ++due;
  }
  EXPECT_EQ(result.due, due);
  EXPECT_EQ(result.succeeded, due);
  EXPECT_EQ(result.latency_us().count(), due);
}

// The server answers soon what it is sent late: only from the time it was due does it tell.
TEST(LoadLoop, WhatIsSentLateIsLateAndTheGeneratorsFault) {
  const SmallServer server;
  const LoadOptions options = options_for(server.target());
  HeldUpClock clock;
  const LoadResult result = result_of(options, clock, [&] { clock.arm(); });
  EXPECT_EQ(result.succeeded, result.due);
  EXPECT_GE(result.latency_us().count_over(kHalfAStallUs), kLateMin);
  // As many as found a connection free, when it went on; the others waited for those.
  EXPECT_GE(result.lag_us.count_over(kHalfAStallUs), options.connections / 2);
  EXPECT_NE(generator_limit(result), "");
}

// Each connection waits for one answer only; what could not be sent meanwhile counts as well.
TEST(LoadLoop, WhatWaitsForAServerThatStandsStillIsLateAndTheServersFault) {
  const SmallServer server(kStall);
  LoadOptions options = options_for(server.target());
  options.connections = 4;
  SystemClock clock;
  const LoadResult result = result_of(options, clock);
  EXPECT_EQ(result.succeeded, result.due);
  EXPECT_GE(result.latency_us().count_over(kHalfAStallUs), kLateMin);
  EXPECT_GE(result.waited_for_connection, kLateMin);
  EXPECT_GE(result.service_us().max(), kHalfAStallUs);
}

}  // namespace
}  // namespace playhead
