// The poll on real sockets: what the connections of one call are told of.
#include "http/socket_poll.h"

#include <array>
#include <string_view>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/tcp_connection.h"
#include "unit/memory_server.h"

namespace playhead::testing_only {
namespace {

class SocketPollTest : public testing::Test {
 protected:
  // A client of the server, with its end of a pair of sockets.
  int connect() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    const boost::intrusive_ptr<TcpConnection> connection(
        new TcpConnection(server_.loop, ends[0], server_.around.router));
    connection->place = server_.gate.enter_unbounded();
    EXPECT_TRUE(connection->watch_with(poll_));
    connection->start();
    return ends[1];
  }

  static void send(int client, std::string_view bytes) {
    EXPECT_EQ(::send(client, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

  static bool has_answer(int client) {
    char byte = 0;
    return ::recv(client, &byte, 1, MSG_PEEK) == 1;
  }

  MemoryServer server_;
  SocketPoll poll_{server_.loop.io(), server_.loop.outbox()};
};

TEST_F(SocketPollTest, AnswersOfOneCallLeaveTogether) {
  const std::array clients{connect(), connect(), connect()};
  server_.settle();
  int asked = 0;
  int answered_meanwhile = 0;
  server_.loop.identify = [&, identify = server_.loop.identify](auto authorization, auto now,
                                                                const auto& last) {
    ++asked;
    for (const int client : clients) answered_meanwhile += has_answer(client) ? 1 : 0;
    return identify(authorization, now, last);
  };
  for (const int client : clients) {
    send(client, "GET /v1/keep-watching HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\n\r\n");
  }
  server_.settle();
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(answered_meanwhile, 0);
  for (const int client : clients) {
    EXPECT_TRUE(has_answer(client));
    ::close(client);
  }
  server_.settle();
}

}  // namespace
}  // namespace playhead::testing_only
