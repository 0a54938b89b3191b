// The exchange: parameters in, commits and reads out.
#include "http/exchange.h"

#include <algorithm>
#include <utility>

#include <boost/url/decode_view.hpp>
#include <boost/url/pct_string_view.hpp>

#include "http/event_loop.h"
#include "http/problem.h"
#include "http/read_pool.h"

namespace playhead {

namespace urls = boost::urls;

namespace {

// What a read on a worker costs an account, beside the request: the longest take 30 ms, and at the
// default budget an account that asks for nothing else keeps a seventh of one worker busy.
constexpr unsigned kWorkerReadCost = 9;

// The text behind percent-encoding, or nullopt where that is broken.
std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  const auto encoded = urls::make_pct_string_view({text.data(), text.size()});
  if (encoded.has_error()) return std::nullopt;
  urls::encoding_opts options;
  options.space_as_plus = plus_is_space;
  const urls::decode_view view(*encoded, options);
  return std::string(view.begin(), view.end());
}

}  // namespace

Exchange::Exchange(Connection& connection, const Request& request, std::string_view parameter,
                   const ReceivedAt& received_at)
    : connection_(connection),
      request_(request),
      parameter_(parameter),
      received_at_(received_at) {}

const Service& Exchange::service() const {
  return connection_.loop().service;
}

ReportDecoder& Exchange::decoder() {
  return connection_.loop().decoder;
}

Result<std::string> Exchange::video_id() const {
  auto video_id = decoded(parameter_, false);
  if (!video_id) {
    return fail(ErrorCode::invalid_field, "is not percent-encoded rightly", "video_id");
  }
  auto checked = check_id(*video_id, kVideoIdBytesMax, Emptiness::refused, "video_id");
  if (!checked) return tl::unexpected(std::move(checked.error()));
  return std::move(*video_id);
}

// Split by hand: the iterator of Boost 1.81's parse_query reads past the end of the query into
// what follows it in the buffer.
Result<std::vector<std::string>> Exchange::parameters(std::string_view name) const {
  std::vector<std::string> values;
  for (std::string_view rest = request_.query; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto key = decoded(part.substr(0, equals), true);
    auto value = decoded(part.substr(std::min(part.size(), equals + 1)), true);
    if (!key || !value) {
      return fail(ErrorCode::malformed_request, "the query is not percent-encoded rightly");
    }
    if (*key == name) values.push_back(std::move(*value));
  }
  return values;
}

Result<std::optional<std::string>> Exchange::parameter(std::string_view name) const {
  auto values = parameters(name);
  if (!values) return tl::unexpected(std::move(values.error()));
  if (values->empty()) return std::nullopt;
  if (values->size() > 1) {
    return fail(ErrorCode::invalid_field, "must be given once", std::string(name));
  }
  return std::move(values->front());
}

Result<std::string> Exchange::profile() const {
  auto profile = parameter("profile");
  if (!profile) return tl::unexpected(std::move(profile.error()));
  if (!*profile) return std::string();
  auto checked = check_id(**profile, kProfileBytesMax, Emptiness::allowed, "profile");
  if (!checked) return tl::unexpected(std::move(checked.error()));
  return std::move(**profile);
}

Outcome Exchange::charge(unsigned requests) {
  return connection_.loop().charge(*connection_.identity(), requests, received_at_.steady);
}

Outcome Exchange::commit(std::span<const Command> commands, Answer on_success) {
  connection_.steers_player_ = on_success.steers_player;
  connection_.success_body_ = std::move(on_success.body);
  // The commit thread carries a bare pointer there and back; the reference is counted here, on the
  // loop, where counting needs no atomics.
  Connection::Ptr held(&connection_);
  auto submitted = connection_.loop().commit_lane().submit(
      account(), commands, received_at_,
      [connection = &connection_, ticket = connection_.ticket()](const Result<void>& outcome) {
        const Connection::Ptr self(connection, false);
        self->on_committed(ticket, outcome);
      });
  if (!submitted) return refuse(submitted.error());
  held.detach();
  return std::nullopt;
}

Outcome Exchange::read(const std::function<Result<Answer>(ReadFrom)>& read) {
  auto answer = read(ReadFrom::memory);
  if (answer) return std::move(*answer);
  if (answer.error().code != ErrorCode::would_block) return refuse(answer.error());

  EventLoop& loop = connection_.loop();
  if (auto refusal =
          loop.charge_more(*connection_.identity(), kWorkerReadCost, received_at_.steady)) {
    return refusal;
  }
  Connection::Ptr held(&connection_);
  auto started =
      service().reads.run([read, &loop, connection = &connection_, ticket = connection_.ticket()] {
        auto found = read(ReadFrom::anywhere);
        loop.post([&loop, connection, ticket, found = std::move(found)] {
          const Connection::Ptr self(connection, false);
          self->on_read(ticket, found ? *found : problem(found.error(), loop.retry_after_s()));
        });
      });
  if (!started) return refuse(started.error());
  held.detach();
  return std::nullopt;
}

Outcome Exchange::refuse(const Error& error) {
  return problem(error, connection_.loop().retry_after_s());
}

}  // namespace playhead
