// The connection's reading side: bytes to requests to endpoints.
#include "http/connection.h"

#include <utility>

#include <boost/asio/error.hpp>
#include <boost/beast/core/string.hpp>

#include "http/event_loop.h"
#include "http/exchange.h"
#include "http/problem.h"

namespace playhead {
namespace {

// Requests of one read that are answered before other connections get their turn.
constexpr int kRequestsInARowMax = 32;

// A body that no endpoint reads, of a sender who is not known: some HTTP libraries send a short one
// with everything.
constexpr std::size_t kStrangersBodyMax = 1'024;

bool is_json(std::string_view content_type) {
  const std::string_view media_type = content_type.substr(0, content_type.find_first_of("; \t"));
  return media_type.empty() || boost::beast::iequals(media_type, "application/json");
}

}  // namespace

Connection::Connection(EventLoop& loop, const Router& router) : loop_(loop), router_(router) {}

Connection::~Connection() {
  loop_.forget(*this);
}

void Connection::start() {
  loop_.watch(*this, EventLoop::Watch::idle);
  when_readable();
}

// It waited without a buffer: 100,000 idle connections need no memory to read into.
void Connection::on_readable(const boost::system::error_code& error) {
  if (state_ != State::reading && state_ != State::lingering) return;
  if (error) return close();
  if (state_ == State::lingering) return discard_input();
  prefetch_identity();
  boost::system::error_code read_error;
  const std::string_view bytes = read_input(read_error);
  if (read_error == boost::asio::error::would_block) return when_readable();
  if (read_error) return close();
  process(bytes);
}

// Whom it spoke for last was not looked at for some seconds: its two cache lines are sent for while
// the kernel reads.
void Connection::prefetch_identity() const {
  if (!identity_) return;
  constexpr std::size_t kCacheLineBytes = 64;
  const auto* const first = reinterpret_cast<const char*>(identity_.get());
  __builtin_prefetch(first);
  __builtin_prefetch(first + kCacheLineBytes);
}

// What has arrived, in the buffer that the loop's connections share.
std::string_view Connection::read_input(boost::system::error_code& error) {
  auto& input = loop_.input;
  const std::size_t size = read_some(input.data(), input.size() - kBodyPaddingBytes, error);
  return {input.data(), size};
}

// Answers what can be answered of `bytes` and of what came before, then reads on or waits.
void Connection::process(std::string_view bytes) {
  std::string joined;
  if (!pending_.empty()) {
    joined.swap(pending_);
    joined.append(bytes);
    joined.reserve(joined.size() + kBodyPaddingBytes);
    bytes = joined;
  }
  processing_ = true;
  bool wants_more = false;
  for (int i = 0; i < kRequestsInARowMax && state_ == State::reading && !bytes.empty(); ++i) {
    const std::size_t before = bytes.size();
    process_one(bytes);
    wants_more = partial_ != nullptr;
    if (wants_more || bytes.size() == before) break;
  }
  processing_ = false;
  if (state_ == State::lingering || state_ == State::closed) return;  // nothing more is read
  pending_.assign(bytes);
  if (state_ != State::reading) return;
  const bool transfer = partial_ != nullptr || !pending_.empty();
  if (transfer != in_transfer_ || !transfer) {
    in_transfer_ = transfer;
    loop_.watch(*this, transfer ? EventLoop::Watch::transfer : EventLoop::Watch::idle);
  }
  if (pending_.empty() || wants_more) return when_readable();
  loop_.post([self = Ptr(this)] {
    if (self->state_ == State::reading) self->process({});
  });
}

void Connection::process_one(std::string_view& bytes) {
  if (partial_) {
    const auto fed = feed(partial_->parser, bytes);
    if (!fed) return refuse(fed.error());
    bytes.remove_prefix(fed->used);
    if (fed->step != RequestParser::Step::complete) return admit_body();
    const auto done = std::move(partial_);  // the request borrows from it
    return handle(done->parser.request());
  }
  RequestParser parser({loop_.service.limits.header_bytes_max, 0});
  const auto fed = feed(parser, bytes);
  if (!fed) {
    allowed_origin_ = loop_.cors.allowed(parser.request().origin);
    return refuse(fed.error());
  }
  if (fed->step == RequestParser::Step::complete) {
    bytes.remove_prefix(fed->used);
    return handle(parser.request());
  }
  // It did not come in one piece: read it again with a parser that stays.
  partial_ = std::make_unique<Partial>(ParserLimits{loop_.service.limits.header_bytes_max, 0});
  const auto again = feed(partial_->parser, bytes);
  if (!again) return refuse(again.error());
  bytes.remove_prefix(again->used);
  admit_body();
}

// Feeds through the header, where the route tells how long a body may be.
Result<RequestParser::Fed> Connection::feed(RequestParser& parser, std::string_view bytes) {
  auto fed = parser.feed(bytes);
  if (!fed || fed->step != RequestParser::Step::header_done) return fed;
  const std::size_t limit = body_limit(parser.request());
  if (parser.announced_body().value_or(0) > limit) {
    return fail(ErrorCode::body_too_large, "at most " + std::to_string(limit) + " bytes here");
  }
  parser.limit_body(limit);
  auto body = parser.feed(bytes.substr(fed->used));
  if (body) body->used += fed->used;
  return body;
}

// A body that is still to come is waited for only if its sender is known: nobody else gets memory
// of ours to fill.
void Connection::admit_body() {
  if (!partial_->parser.header_done() || partial_->admitted) return;
  partial_->admitted = true;
  const Request& request = partial_->parser.request();
  const Match match = router_.find(request.method, request.path);
  if (match.route == nullptr && request.method != Method::options) return answer_before_body();
  if (match.route != nullptr && match.route->needs == Needs::token) {
    auto identity = loop_.identify(request.authorization, loop_.service.clock.now(), identity_);
    if (!identity) return refuse(identity.error());
    identity_ = std::move(*identity);
  }
  if (!request.expects_continue || request.http_1_0) return;
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  // A socket whose buffer cannot take 25 bytes belongs to a client that reads nothing.
  boost::system::error_code error;
  if (write_some(kContinue, error) != kContinue.size()) close();
}

// Where there is no endpoint, the answer need not wait; the connection ends with it, since what
// comes next is no request.
void Connection::answer_before_body() {
  const auto done = std::move(partial_);  // the request borrows from it
  Request last = done->parser.request();
  last.keep_alive = false;
  handle(last);
}

std::size_t Connection::body_limit(const Request& request) const {
  const auto& limits = loop_.service.limits;
  const Match match = router_.find(request.method, request.path);
  const bool of_strangers = match.route == nullptr ? request.method == Method::options
                                                   : match.route->needs != Needs::token;
  if (of_strangers) return kStrangersBodyMax;
  const bool batch = match.route != nullptr && match.route->body == Body::batch;
  return batch ? limits.batch_body_bytes_max : limits.body_bytes_max;
}

void Connection::handle(const Request& request) {
  const ReceivedAt received_at{loop_.service.clock.now(), loop_.service.clock.steady()};
  received_at_ = received_at.steady;
  allowed_origin_ = loop_.cors.allowed(request.origin);
  keep_alive_ = request.keep_alive;
  head_only_ = request.method == Method::head;
  old_client_ = request.http_1_0;
  const Outcome outcome = answer_to(request, received_at);
  if (outcome) return answer(*outcome);
  if (state_ == State::reading) wait_for_answer();
}

Outcome Connection::answer_to(const Request& request, const ReceivedAt& received_at) {
  const Match match = router_.find(request.method, request.path);
  if (match.route == nullptr) {
    route_ = static_cast<std::uint16_t>(router_.routes().size());
    if (request.method == Method::options) return answer_options(request);
    const std::string allowed = router_.allowed(request.path);
    if (allowed.empty()) return problem({ErrorCode::route_not_found, {}, {}});
    Answer answer = problem({ErrorCode::method_not_allowed, "it has " + allowed, {}});
    answer.head_lines = "Allow: " + allowed + "\r\n";
    return answer;
  }
  const Route& route = *match.route;
  route_ = static_cast<std::uint16_t>(router_.index_of(route));
  if (route.needs == Needs::token) {
    auto identity = loop_.identify(request.authorization, received_at.wall, identity_);
    if (!identity) return problem(identity.error());
    if (*identity != identity_) identity_ = std::move(*identity);
    if (auto refusal = loop_.charge(*identity_, route.cost, received_at.steady)) {
      return refusal;
    }
  }
  if (route.body != Body::none) {
    if (!is_json(request.content_type)) return problem({ErrorCode::unsupported_media_type, {}, {}});
    if (!request.content_encoding.empty() &&
        !boost::beast::iequals(request.content_encoding, "identity")) {
      return problem({ErrorCode::not_acceptable_encoding, {}, {}});
    }
  }
  Exchange exchange(*this, request, match.parameter, received_at);
  return route.endpoint(exchange);
}

Outcome Connection::answer_options(const Request& request) const {
  const std::string allowed = router_.allowed(request.path);
  if (allowed.empty() && request.path != "*") return problem({ErrorCode::route_not_found, {}, {}});
  Answer answer = no_content();
  if (!allowed.empty()) answer.head_lines = "Allow: " + allowed + "\r\n";
  if (!request.preflight_method.empty() && !allowed_origin_.empty()) {
    Cors::append_preflight_lines(allowed, answer.head_lines);
  }
  return answer;
}

void Connection::refuse(const Error& error) {
  if (partial_) allowed_origin_ = loop_.cors.allowed(partial_->parser.request().origin);
  partial_.reset();
  received_at_ = loop_.service.clock.steady();
  route_ = static_cast<std::uint16_t>(router_.routes().size());
  head_only_ = false;
  Answer refusal = problem(error, loop_.retry_after_s());
  refusal.close = true;
  answer(refusal);
}

void Connection::wait_for_answer() {
  state_ = State::waiting;
  in_transfer_ = false;
  loop_.watch(*this, EventLoop::Watch::waiting);
}

void Connection::on_committed(std::uint32_t ticket, const Result<void>& outcome) {
  if (ticket != ticket_ || state_ != State::waiting) return;
  if (!outcome) return answer(problem(outcome.error(), loop_.retry_after_s()));
  Answer success = success_body_.empty() ? no_content() : json_answer(std::move(success_body_));
  success.steers_player = steers_player_;
  success_body_.clear();
  answer(success);
}

void Connection::on_read(std::uint32_t ticket, const Answer& read) {
  if (ticket == ticket_ && state_ == State::waiting) answer(read);
}

void Connection::on_timeout() {
  loop_.stats_of(router_).timeouts.add();
  switch (state_) {
    case State::reading:
      if (!in_transfer_) return close();
      return refuse({ErrorCode::request_timeout, {}, {}});
    case State::waiting: {
      Answer slow = problem({ErrorCode::store_slow, {}, {}}, loop_.retry_after_s());
      slow.close = true;
      return answer(slow);
    }
    case State::writing:
    case State::lingering:
    case State::closed:
      return close();
  }
}

// A request that has arrived already gets its answer.
void Connection::on_drain() {
  if (state_ != State::reading || in_transfer_) return;
  boost::system::error_code error;
  const std::string_view bytes = read_input(error);
  if (error) return close();
  process(bytes);
}

}  // namespace playhead
