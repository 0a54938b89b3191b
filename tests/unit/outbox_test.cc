// Answers of one turn: they wait for those that come with them, and for nothing else.
#include "http/outbox.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/memory_server.h"

namespace playhead::testing_only {
namespace {

using std::chrono_literals::operator""us;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kRow =
    "GET /v1/keep-watching HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\n\r\n";
const std::string kLast = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const std::string kBad = "GET\r\n\r\n";

class OutboxTest : public testing::Test {
 protected:
  using Client = boost::intrusive_ptr<MemoryConnection>;

  Client connect(std::string sends, std::string_view then = {}) {
    Script& script = scripts_.emplace_back(Script{{sent_.emplace_back(std::move(sends))}});
    if (!then.empty()) script.pieces.push_back(then);
    Client client = server_.connect(script);
    server_.settle();
    return client;
  }

  // A connection is told of what it was sent, as the poll does it.
  void tell(const Client& client, bool more_to_come) {
    server_.loop.outbox().before_event(more_to_come);
    client->step();
    server_.loop.outbox().after_event();
  }

  void pass(std::chrono::microseconds time) { server_.around.clock.steady_ += time; }

  std::uint64_t latencies_us() {
    std::uint64_t sum = 0;
    for (const RouteStats& route : server_.loop.stats(server_.around.router).routes) {
      sum += route.latency_us.sum();
    }
    return sum;
  }

  std::deque<std::string> sent_;
  std::deque<Script> scripts_;
  MemoryServer server_;
};

TEST_F(OutboxTest, OneAnswerAloneGoesAtOnce) {
  const Client alone = connect(kRow);
  server_.loop.outbox().before_event(false);
  alone->step();
  EXPECT_THAT(alone->answers, ElementsAre(HasSubstr("200 OK")));
}

TEST_F(OutboxTest, AnswersOfOneTurnGoWithItsLast) {
  const Client first = connect(kRow);
  const Client second = connect(kBad);
  const Client third = connect(kRow);
  tell(first, true);
  tell(second, true);
  EXPECT_THAT(first->answers, IsEmpty());
  EXPECT_THAT(second->answers, IsEmpty());
  tell(third, false);
  EXPECT_THAT(first->answers, ElementsAre(HasSubstr("200 OK")));
  EXPECT_THAT(second->answers, ElementsAre(HasSubstr("400 Bad Request")));
  EXPECT_THAT(third->answers, ElementsAre(HasSubstr("200 OK")));
}

TEST_F(OutboxTest, TheyGoThoughTheLastOfTheTurnHasNothingToSay) {
  const Client asks = connect(kRow);
  const Client stammers = connect("GET /v1/keep-wat");
  tell(asks, true);
  tell(stammers, false);
  EXPECT_THAT(asks->answers, SizeIs(1));
}

TEST_F(OutboxTest, NoMoreThanItsBoundWait) {
  std::vector<Client> clients;
  for (std::size_t i = 0; i < Outbox::kAnswersMax; ++i) clients.push_back(connect(kRow));
  for (const Client& client : clients) {
    EXPECT_THAT(clients.front()->answers, IsEmpty());
    tell(client, true);
  }
  for (const Client& client : clients) EXPECT_THAT(client->answers, SizeIs(1));
}

TEST_F(OutboxTest, NoneWaitsLongerThanItsBound) {
  const Client first = connect(kRow);
  const Client second = connect(kRow);
  const Client third = connect(kRow);
  tell(first, true);
  pass(Outbox::kWaitMax - 1us);
  tell(second, true);
  EXPECT_THAT(first->answers, IsEmpty());
  pass(1us);
  tell(third, true);
  EXPECT_THAT(first->answers, SizeIs(1));
  EXPECT_THAT(second->answers, SizeIs(1));
  EXPECT_THAT(third->answers, SizeIs(1));
}

// Reports, which a commit answers, follow by the hundred.
TEST_F(OutboxTest, NoneWaitsLongerThoughNoOtherIsKept) {
  const Client asks = connect(kRow);
  const Client stammers = connect("GET /v1/keep-wat");
  tell(asks, true);
  pass(Outbox::kWaitMax);
  tell(stammers, true);
  EXPECT_THAT(asks->answers, SizeIs(1));
}

TEST_F(OutboxTest, TheWaitIsPartOfTheLatency) {
  const Client first = connect(kRow);
  const Client second = connect(kRow);
  tell(first, true);
  pass(700us);
  EXPECT_EQ(latencies_us(), 0);
  tell(second, false);
  EXPECT_EQ(latencies_us(), 700);
}

TEST_F(OutboxTest, WhatWasSentBehindARequestIsAnsweredToo) {
  const Client asks_thrice = connect(kRow + kRow + kBad);
  const Client other = connect(kRow);
  tell(asks_thrice, true);
  tell(other, false);
  EXPECT_THAT(asks_thrice->answers,
              ElementsAre(HasSubstr("200 OK"), HasSubstr("200 OK"), HasSubstr("400 Bad Request")));
}

TEST_F(OutboxTest, AnswersLeaveBeforeWhatLiesBehindTheirRequestsIsLookedAt) {
  const Client asks_thrice = connect(kRow + kRow + kRow);
  tell(asks_thrice, true);
  for (std::size_t i = 2; i < Outbox::kAnswersMax; ++i) tell(connect(kRow), true);
  const Client last = connect(kRow);
  std::vector<std::size_t> answers_of_last;  // when each request is looked at from now on
  server_.loop.identify = [&, identify = server_.loop.identify](auto token, auto now,
                                                                const auto& known) {
    answers_of_last.push_back(last->answers.size());
    return identify(token, now, known);
  };
  tell(last, true);
  EXPECT_THAT(answers_of_last, ElementsAre(0, 1, 1));
  EXPECT_THAT(asks_thrice->answers, SizeIs(3));
}

// The end of a connection reads on into the buffer in which others' requests lie.
TEST_F(OutboxTest, OnesLastAnswerDoesNotDisturbAnothersRequests) {
  const std::string more(500, 'x');
  const Client leaves = connect(kLast, more);
  const Client stays = connect(kRow + kBad);
  tell(leaves, true);
  tell(stays, false);
  EXPECT_THAT(leaves->answers, ElementsAre(HasSubstr("Connection: close")));
  EXPECT_THAT(stays->answers, ElementsAre(HasSubstr("200 OK"), HasSubstr("400 Bad Request")));
}

TEST_F(OutboxTest, WhoIsClosedMeanwhileIsSentNothing) {
  const Client closed = connect(kRow);
  const Client other = connect(kRow);
  tell(closed, true);
  closed->close();
  tell(other, false);
  EXPECT_THAT(closed->answers, IsEmpty());
  EXPECT_THAT(other->answers, SizeIs(1));
}

}  // namespace
}  // namespace playhead::testing_only
