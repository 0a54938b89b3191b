// One request on its way through an endpoint.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "command/command.h"
#include "domain/ids.h"
#include "http/connection.h"
#include "http/message.h"
#include "http/router.h"
#include "http/service.h"
#include "store/store.h"

namespace playhead {

class ReportDecoder;

/// What an endpoint works with: the request, who sent it, and the two ways to get an answer, a
/// commit or a read. Lives while the endpoint runs; strings it hands out are valid as long.
class Exchange {
 public:
  Exchange(Connection& connection, const Request& request, std::string_view parameter,
           const ReceivedAt& received_at);

  const Request& request() const { return request_; }
  const Service& service() const;
  ReportDecoder& decoder();

  /// The account of the token; only on routes that need one.
  std::string_view account() const { return connection_.identity()->account; }

  /// The last segment of a path that has one to name, still percent-encoded.
  std::string_view last_segment() const { return parameter_; }
  /// The last segment of the path, decoded and checked as a video id.
  Result<std::string> video_id() const;

  /// The values of a query parameter, decoded; `malformed_request` where the query is not one.
  Result<std::vector<std::string>> parameters(std::string_view name) const;
  /// The one value, or nullopt; twice is `invalid_field`.
  Result<std::optional<std::string>> parameter(std::string_view name) const;
  /// `?profile=`, checked; "" where it is not given.
  Result<std::string> profile() const;

  /// Takes `requests` more out of the account's budget: an answer where it does not hold them.
  Outcome charge(unsigned requests);

  /// Answers with `on_success` once the commands are durable, else with the problem.
  Outcome commit(std::span<const Command> commands, Answer on_success);

  /// Answers with what `read` gives: tried on the loop from memory, and where that would block, on
  /// a worker. `read` owns what it needs.
  Outcome read(const std::function<Result<Answer>(ReadFrom)>& read);

  /// The problem of an error, with a jittered Retry-After where it has one.
  Outcome refuse(const Error& error);

 private:
  Connection& connection_;
  const Request& request_;
  std::string_view parameter_;
  ReceivedAt received_at_;
};

}  // namespace playhead
