// A whole server in memory, on the test's thread: every step is the test's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "auth/token_cache.h"
#include "base/log.h"
#include "http/connection_gate.h"
#include "http/cors.h"
#include "http/event_loop.h"
#include "http/rate_limiter.h"
#include "http/read_pool.h"
#include "http/readiness.h"
#include "http/routes.h"
#include "query/queries.h"
#include "unit/fakes.h"
#include "unit/memory_connection.h"

namespace playhead::testing_only {

class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::string_view,
             std::initializer_list<LogField>) override {}
};

/// Tokens of one character, each an account: what a token must be is another test's question.
inline Identify make_identify() {
  auto cache = std::make_shared<TokenCache>(
      16, [](std::string_view token, Instant /*now*/) -> Result<Identity> {
        if (token.size() != 1) return fail(ErrorCode::token_malformed);
        return Identity{Instant{INT64_MAX}, Instant{0}, {}, std::string(token)};
      });
  return [cache](std::string_view authorization, Instant now, const SharedIdentity& last) {
    return cache->identify(authorization, now, last);
  };
}

/// What all servers share, which remembers nothing of one but the time.
struct Surroundings {
  ManualClock clock;
  SilentLog log;
  ReadPool reads{1, 1};
  CursorCodec cursors{"a secret of the tests"};
  Cors cors{{"https://tv.example"}};
  RateLimiter accounts{{.per_s = 0, .burst = 1, .accounts_max = 8}, clock.steady_};
  Router router{public_routes()};
  Router admin_router{admin_routes()};
};

inline Surroundings& surroundings() {
  static Surroundings made;
  return made;
}

/// A server with an empty store, whose loop and commits run when the test says so.
struct MemoryServer {
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

  /// `script` outlives it.
  boost::intrusive_ptr<MemoryConnection> connect(const Script& script) {
    boost::intrusive_ptr<MemoryConnection> connection(
        new MemoryConnection(loop, around.router, script));
    connection->place = gate.enter_unbounded();
    connection->start();
    return connection;
  }

  /// Until nothing is left to do but to take the next step of a connection.
  void settle() {
    loop.io().poll();
    while (commit.queue().entries() > 0) {
      commit.write_once();
      loop.io().poll();
    }
  }
};

}  // namespace playhead::testing_only
