// What the HTTP room needs of the rest, given to it by the composition root.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "domain/identity.h"
#include "domain/ids.h"
#include "http/rate_limiter.h"

namespace playhead {

struct Demo;
class GroupCommit;
class Log;
class Queries;
class Readiness;
class ReadPool;

/// Bounds and answers of the HTTP room (docs/operations/configuration.md).
struct HttpLimits {
  std::size_t header_bytes_max = 8U << 10U;
  std::size_t body_bytes_max = 16U << 10U;
  std::size_t batch_body_bytes_max = 64U << 10U;
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds commit_wait_max{10'000};
  std::size_t connections_max = 100'000;
  std::size_t connections_per_address_max = 10'000;
  RateLimit account;
  std::vector<std::string> allowed_origins;
  unsigned playhead_interval_s = 10;
  unsigned retry_after_s = 2;
};

/// Tells whom an Authorization header speaks for. `last` is whom the connection spoke for before,
/// or null: a token that is sent again need not be looked up again. One of these a loop.
using SharedIdentity = std::shared_ptr<const Identity>;
using Identify = std::function<Result<SharedIdentity>(std::string_view authorization, Instant now,
                                                      const SharedIdentity& last)>;

/// The collaborators of every loop; all of them outlive the server.
struct Service {
  HttpLimits limits;
  Clock& clock;
  Log& log;
  GroupCommit& commit;
  const Queries& queries;
  ReadPool& reads;
  Readiness& readiness;
  std::function<Identify()> make_identify;
  std::function<std::string()> metrics_text;
  /// A viewer's name for the log: the same for the same viewer, and telling nobody who it is.
  std::function<std::string(ViewerRef)> log_name;
  /// Null but in `playhead demo`.
  const Demo* demo = nullptr;
};

}  // namespace playhead
