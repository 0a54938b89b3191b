// One whole connection: bytes in, answers out, the same however the bytes are cut.
#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "auth/token_cache.h"
#include "base/log.h"
#include "fuzz/fuzz.h"
#include "fuzz/memory_connection.h"
#include "http/connection_gate.h"
#include "http/cors.h"
#include "http/event_loop.h"
#include "http/rate_limiter.h"
#include "http/read_pool.h"
#include "http/readiness.h"
#include "http/routes.h"
#include "query/queries.h"
#include "unit/fakes.h"

namespace playhead::fuzz {
namespace {

class NoLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::string_view,
             std::initializer_list<LogField>) override {}
};

// Tokens of one character, each an account: what a token must be is another target's question.
Identify make_identify() {
  auto cache = std::make_shared<TokenCache>(
      16, [](std::string_view token, Instant /*now*/) -> Result<Identity> {
        if (token.size() != 1) return fail(ErrorCode::token_malformed);
        return Identity{Instant{INT64_MAX}, Instant{0}, {}, std::string(token)};
      });
  return [cache](std::string_view authorization, Instant now, const SharedIdentity& last) {
    return cache->identify(authorization, now, last);
  };
}

// What is the same for every input, and remembers nothing of one.
struct Surroundings {
  testing_only::ManualClock clock;
  NoLog log;
  ReadPool reads{1, 1};
  CursorCodec cursors{"a secret of the fuzzer"};
  Cors cors{{"https://tv.example"}};
  RateLimiter accounts{{.per_s = 0, .burst = 1, .accounts_max = 8}, clock.steady_};
  Router router{public_routes()};
  Router admin_router{admin_routes()};
};

Surroundings& surroundings() {
  static Surroundings made;
  return made;
}

// A server with an empty store and no thread: each step is taken here.
struct Server {
  Surroundings& around = surroundings();
  MemoryStore store;
  Queries queries{store, around.clock, Policy{}, around.cursors};
  Readiness readiness{store};
  GroupCommit commit{store, around.clock, Policy{}, CommitLimits{}};
  ConnectionGate gate{1, 0};
  EventLoop loop{
      Service{HttpLimits{}, around.clock, around.log, commit, queries, around.reads, readiness,
              make_identify, [] { return std::string(); }, [](ViewerRef) { return std::string(); }},
      around.router,
      around.admin_router,
      around.cors,
      gate,
      around.accounts};

  void settle() {
    loop.io().poll();
    while (commit.queue().entries() > 0) {
      commit.write_once();
      loop.io().poll();
    }
  }
};

struct Reply {
  int status = 0;
  bool closes = false;
  std::string text;  // without what is told to people
};

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20; });
}

// Reads an answer as a strict client does.
Reply read_answer(const std::string& answer) {
  Reply reply;
  const std::size_t head_end = answer.find("\r\n\r\n");
  require(head_end != std::string::npos, "an answer has a head");
  std::string_view head = std::string_view(answer).substr(0, head_end + 2);
  const std::string_view body = std::string_view(answer).substr(head_end + 4);
  const std::string_view status = head.substr(0, head.find("\r\n"));
  require(status.size() > 13 && status.substr(0, 9) == "HTTP/1.1 " && status[12] == ' ',
          "an answer has a status line");
  reply.status = std::stoi(std::string(status.substr(9, 3)));
  require(reply.status >= 200 && reply.status < 600 && printable(status), "with a status");
  std::size_t length = 0;
  for (head.remove_prefix(status.size() + 2); !head.empty();) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(": ");
    require(colon != std::string_view::npos && colon > 0 && printable(line), "a head has fields");
    if (line.substr(0, colon) == "Content-Length")
      length = std::stoul(std::string(line.substr(16)));
    if (line == "Connection: close") reply.closes = true;
  }
  require(body.empty() || body.size() == length, "a body is as long as is said");
  require(reply.status != 500, "nothing is an error of ours");
  reply.text = answer;
  const std::size_t detail = reply.text.find("\"detail\":\"");
  if (detail != std::string::npos) {
    const std::size_t length_at = reply.text.find("Content-Length: ");
    reply.text.erase(detail);
    if (length_at != std::string::npos) {
      reply.text.erase(length_at, reply.text.find("\r\n", length_at) - length_at);
    }
  }
  return reply;
}

std::vector<Reply> converse(const Script& script) {
  Server server;
  const boost::intrusive_ptr<MemoryConnection> connection(
      new MemoryConnection(server.loop, server.around.router, script));
  connection->place = server.gate.enter_unbounded();
  connection->start();
  do {
    server.settle();
  } while (connection->step());
  require(connection->ended(), "a connection that was shut by its client ends");
  std::vector<Reply> replies;
  for (const std::string& answer : connection->answers) {
    require(replies.empty() || !replies.back().closes, "nothing is answered after a refusal");
    replies.push_back(read_answer(answer));
  }
  return replies;
}

bool refuses(const Reply& reply) {
  return reply.closes && reply.status >= 400;
}

bool waits_for_no_body(const Reply& reply) {
  return reply.status == 401 || reply.status == 404 || reply.status == 405;
}

// Cut in pieces a request may be refused for what comes first: no body is waited for without a
// token, nor where there is no endpoint, and a line is not looked at before its header is whole.
// Never may one be answered that is not, or not be, one of the whole.
void compare(const std::vector<Reply>& whole, const std::vector<Reply>& cut) {
  std::size_t i = 0;
  while (i < whole.size() && i < cut.size() && whole[i].text == cut[i].text) ++i;
  if (i == whole.size() && i == cut.size()) return;
  require(i < whole.size(), "in pieces nothing is answered that was not there");
  require(refuses(whole[i]) || waits_for_no_body(whole[i]),
          "what is taken whole is taken in pieces");
  if (i == cut.size()) return;
  require(refuses(cut[i]), "what is refused whole is refused in pieces");
}

std::size_t heads_in(std::string_view bytes) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = bytes.find("\r\n\r\n", at)) != std::string_view::npos; at += 4) {
    ++count;
  }
  return count;
}

}  // namespace
}  // namespace playhead::fuzz

// How it is cut, how slowly the client reads, then the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace playhead::fuzz;
  Input input(data, size);
  const std::uint8_t cut = input.byte();
  const std::uint8_t write_bytes = input.byte();
  const std::string_view bytes = input.rest();

  const std::vector<Reply> whole = converse({{bytes}});
  require(whole.size() <= heads_in(bytes) + 1, "there are no more answers than requests");

  Script script;
  if (write_bytes > 0) script.write_bytes_max = write_bytes;
  std::minstd_rand random(cut);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t piece = cut == 0 ? 1 : 1 + random() % (1U << (cut % 9U));
    script.pieces.push_back(bytes.substr(at, piece));
    at += piece;
  }
  compare(whole, converse(script));
  return 0;
}
