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

class Outbox : public testing::Test {
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
    server_.loop.outbox.expect(more_to_come);
    client->step();
    server_.loop.outbox.send_if_due();
  }

  std::deque<std::string> sent_;
  std::deque<Script> scripts_;
  MemoryServer server_;
};

TEST_F(Outbox, OneAnswerAloneGoesAtOnce) {
  const Client alone = connect(kRow);
  server_.loop.outbox.expect(false);
  alone->step();
  EXPECT_THAT(alone->answers, ElementsAre(HasSubstr("200 OK")));
}

TEST_F(Outbox, AnswersOfOneTurnGoWithItsLast) {
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

TEST_F(Outbox, TheyGoThoughTheLastOfTheTurnHasNothingToSay) {
  const Client asks = connect(kRow);
  const Client stammers = connect("GET /v1/keep-wat");
  tell(asks, true);
  tell(stammers, false);
  EXPECT_THAT(asks->answers, SizeIs(1));
}

TEST_F(Outbox, NoMoreThanItsBoundWait) {
  std::vector<Client> clients;
  for (std::size_t i = 0; i <= playhead::Outbox::kAnswersMax; ++i) clients.push_back(connect(kRow));
  for (const Client& client : clients) {
    EXPECT_THAT(clients.front()->answers, IsEmpty());
    tell(client, true);
    if (client == clients[playhead::Outbox::kAnswersMax - 1]) break;
  }
  EXPECT_THAT(clients.front()->answers, SizeIs(1));
  EXPECT_THAT(clients[playhead::Outbox::kAnswersMax - 1]->answers, SizeIs(1));
  tell(clients.back(), true);
  EXPECT_THAT(clients.back()->answers, IsEmpty());
}

TEST_F(Outbox, TheFirstWaitsNoLongerThanItsBound) {
  const Client first = connect(kRow);
  const Client second = connect(kRow);
  const Client third = connect(kRow);
  tell(first, true);
  server_.around.clock.steady_ += playhead::Outbox::kWaitMax - 1us;
  tell(second, true);
  EXPECT_THAT(first->answers, IsEmpty());
  server_.around.clock.steady_ += 1us;
  tell(third, true);
  EXPECT_THAT(first->answers, SizeIs(1));
  EXPECT_THAT(second->answers, SizeIs(1));
  EXPECT_THAT(third->answers, SizeIs(1));
}

TEST_F(Outbox, WhatWasSentBehindARequestIsAnsweredToo) {
  const Client asks_thrice = connect(kRow + kRow + kBad);
  const Client other = connect(kRow);
  tell(asks_thrice, true);
  tell(other, false);
  EXPECT_THAT(asks_thrice->answers,
              ElementsAre(HasSubstr("200 OK"), HasSubstr("200 OK"), HasSubstr("400 Bad Request")));
}

// The end of a connection reads on into the buffer in which others' requests lie.
TEST_F(Outbox, OnesLastAnswerDoesNotDisturbAnothersRequests) {
  const std::string more(500, 'x');
  const Client leaves = connect(kLast, more);
  const Client stays = connect(kRow + kBad);
  tell(leaves, true);
  tell(stays, false);
  EXPECT_THAT(leaves->answers, ElementsAre(HasSubstr("Connection: close")));
  EXPECT_THAT(stays->answers, ElementsAre(HasSubstr("200 OK"), HasSubstr("400 Bad Request")));
}

TEST_F(Outbox, WhoIsClosedMeanwhileIsSentNothing) {
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
