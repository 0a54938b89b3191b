// The exchange: parameters in, commits and reads out.
#include "http/exchange.h"

#include <utility>

#include <boost/url/decode_view.hpp>
#include <boost/url/parse_query.hpp>

#include "http/event_loop.h"
#include "http/problem.h"
#include "http/read_pool.h"

namespace playhead {

namespace urls = boost::urls;

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
  const auto encoded = urls::make_pct_string_view({parameter_.data(), parameter_.size()});
  if (encoded.has_error()) {
    return fail(ErrorCode::invalid_field, "is not percent-encoded rightly", "video_id");
  }
  std::string decoded;
  encoded->decode({}, urls::string_token::assign_to(decoded));
  auto checked = check_id(decoded, kVideoIdBytesMax, Emptiness::refused, "video_id");
  if (!checked) return tl::unexpected(std::move(checked.error()));
  return decoded;
}

Result<std::vector<std::string>> Exchange::parameters(std::string_view name) const {
  std::vector<std::string> values;
  if (request_.query.empty()) return values;
  const auto query = urls::parse_query({request_.query.data(), request_.query.size()});
  if (query.has_error()) {
    return fail(ErrorCode::malformed_request, "the query is not percent-encoded rightly");
  }
  for (const auto parameter : *query) {
    std::string key;
    parameter.key.decode({}, urls::string_token::assign_to(key));
    if (key != name) continue;
    urls::encoding_opts as_form;
    as_form.space_as_plus = true;
    parameter.value.decode(as_form, urls::string_token::assign_to(values.emplace_back()));
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

Outcome Exchange::commit(std::span<const Command> commands, Answer on_success) {
  connection_.steers_player_ = on_success.steers_player;
  connection_.success_body_ = std::move(on_success.body);
  // The commit thread carries a bare pointer there and back; the reference is counted here, on the
  // loop, where counting needs no atomics.
  intrusive_ptr_add_ref(&connection_);
  auto submitted = connection_.loop().commit_lane().submit(
      account(), commands, received_at_,
      [connection = &connection_, ticket = connection_.ticket()](const Result<void>& outcome) {
        const Connection::Ptr self(connection, false);
        self->on_committed(ticket, outcome);
      });
  if (submitted) return std::nullopt;
  intrusive_ptr_release(&connection_);
  return refuse(submitted.error());
}

Outcome Exchange::read(const std::function<Result<Answer>(ReadFrom)>& read) {
  auto answer = read(ReadFrom::memory);
  if (answer) return std::move(*answer);
  if (answer.error().code != ErrorCode::would_block) return refuse(answer.error());

  intrusive_ptr_add_ref(&connection_);
  EventLoop& loop = connection_.loop();
  auto started =
      service().reads.run([read, &loop, connection = &connection_, ticket = connection_.ticket()] {
        auto found = read(ReadFrom::anywhere);
        loop.post([&loop, connection, ticket, found = std::move(found)] {
          const Connection::Ptr self(connection, false);
          self->on_read(ticket, found ? *found : problem(found.error(), loop.retry_after_s()));
        });
      });
  if (started) return std::nullopt;
  intrusive_ptr_release(&connection_);
  return refuse(started.error());
}

Outcome Exchange::refuse(const Error& error) {
  return problem(error, connection_.loop().retry_after_s());
}

}  // namespace playhead
