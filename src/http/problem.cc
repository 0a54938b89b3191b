// The table of problems.
#include "http/problem.h"

#include <algorithm>
#include <string>

#include "http/json_writer.h"

namespace playhead {

// A table, one row a line. There is no default: the compiler asks for the row of a new code.
ProblemKind problem_kind(ErrorCode code) {
  // clang-format off
  switch (code) {
    using enum ErrorCode;
    case malformed_request: return {400, "malformed_request", "The request cannot be read as HTTP"};
    case malformed_json:
      return {400, "malformed_json", "The body is not the JSON that is expected"};
    case missing_body: return {400, "missing_body", "The request needs a body"};
    case target_too_long:
      return {414, "target_too_long", "The request line is too long"};
    case header_too_large: return {431, "header_too_large", "The request's header is too large"};
    case body_too_large: return {413, "body_too_large", "The request's body is too large"};
    case request_timeout: return {408, "request_timeout", "The request took too long to arrive"};
    case unsupported_media_type:
      return {415, "unsupported_media_type", "The body must be application/json"};
    case not_acceptable_encoding:
      return {415, "unsupported_content_encoding", "The body must not be encoded"};
    case http_version_not_supported:
      return {505, "http_version_not_supported", "HTTP/1.1 and HTTP/1.0 are spoken here"};
    case token_missing: return {401, "token_missing", "A bearer token is needed"};
    case token_malformed: return {401, "token_malformed", "The bearer token cannot be read"};
    case token_invalid: return {401, "token_invalid", "The bearer token is not valid"};
    case token_expired: return {401, "token_expired", "The bearer token has expired"};
    case token_not_yet_valid:
      return {401, "token_not_yet_valid", "The bearer token is not valid yet"};
    case route_not_found: return {404, "route_not_found", "There is nothing at this path"};
    case method_not_allowed: return {405, "method_not_allowed", "This path has other methods"};
    case no_resume_point: return {404, "no_resume_point", "This viewer has not watched this video"};
    case invalid_field: return {422, "invalid_field", "A field has a value that cannot be taken"};
    case invalid_cursor: return {422, "invalid_cursor", "The cursor is not one of this list"};
    case too_many_items: return {422, "too_many_items", "There are too many items"};
    case too_many_requests:
      return {429, "too_many_requests", "This account asks too often; ask again later"};
    case too_many_from_address:
      return {429, "too_many_from_address", "This address has too many connections open"};
    case queue_full: return {503, "queue_full", "Too much waits already; try again"};
    case store_unavailable:
      return {503, "store_unavailable", "The store cannot be used at the moment"};
    case store_slow: case would_block:
      return {503, "store_slow", "The store did not answer in time; send it again"};
    case shutting_down: return {503, "shutting_down", "This server is going away; try again"};
    case too_many_connections:
      return {503, "too_many_connections", "There are too many connections; try again"};
    case internal: return {500, "internal", "Something went wrong here"};
  }
  // clang-format on
  return {500, "internal", "Something went wrong here"};
}

void put_field_errors(JsonWriter& json, const Error& error) {
  json.begin_array();
  json.begin_object();
  // Fields of a body are pointed at (RFC 6901); parameters of an address are named.
  const bool in_body = error.pointer.empty() || error.pointer.front() == '/';
  json.put(in_body ? "pointer" : "parameter", error.pointer);
  json.put("detail", error.detail);
  json.end_object();
  json.end_array();
}

Answer problem(const Error& error, unsigned retry_after_s) {
  const ProblemKind kind = problem_kind(error.code);
  JsonWriter json;
  json.begin_object();
  json.put("type", std::string_view("about:blank"));
  json.put("title", kind.title);
  json.put("status", kind.status);
  json.put("code", kind.code);
  // What a store says of itself (paths, devices) is for its operator, in the log.
  const bool may_tell = error.code != ErrorCode::store_unavailable;
  if (!error.detail.empty() && may_tell) json.put("detail", error.detail);
  if (kind.status == 422) {
    json.key("errors");
    put_field_errors(json, error);
  }
  json.end_object();
  Answer answer;
  answer.status = kind.status;
  answer.type = ContentType::problem;
  answer.body = json.text();
  if (kind.status == 401) {
    // RFC 6750 §3: no error attribute where no token was sent.
    answer.head_lines = error.code == ErrorCode::token_missing
                            ? "WWW-Authenticate: Bearer realm=\"playhead\"\r\n"
                            : "WWW-Authenticate: Bearer realm=\"playhead\", "
                              "error=\"invalid_token\"\r\n";
  }
  if (kind.status == 503 || kind.status == 429) {
    answer.head_lines = "Retry-After: " + std::to_string(retry_after_s) + "\r\n";
  }
  return answer;
}

Answer rate_limited(const RateLimit& limit, std::chrono::microseconds wait) {
  using std::chrono::seconds;
  // A client that comes back a moment early would be refused again: whole seconds, rounded up.
  const auto wait_s = std::max(static_cast<unsigned>(std::chrono::ceil<seconds>(wait).count()), 1U);
  Answer answer = problem({ErrorCode::too_many_requests, {}, {}}, wait_s);
  // draft-ietf-httpapi-ratelimit-headers-10: the quota and its window; what is left of it.
  const std::string window = std::to_string((limit.burst + limit.per_s - 1) / limit.per_s);
  answer.head_lines += "RateLimit-Policy: \"account\";q=" + std::to_string(limit.burst) +
                       ";w=" + window +
                       "\r\nRateLimit: \"account\";r=0;t=" + std::to_string(wait_s) + "\r\n";
  return answer;
}

}  // namespace playhead
