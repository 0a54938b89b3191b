// The table of problems.
#include "http/problem.h"

#include "http/json_writer.h"

namespace playhead {

ProblemKind problem_kind(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed_request:
      return {400, "malformed_request", "The request cannot be read as HTTP"};
    case ErrorCode::malformed_json:
      return {400, "malformed_json", "The body is not the JSON that is expected"};
    case ErrorCode::missing_body:
      return {400, "missing_body", "The request needs a body"};
    case ErrorCode::header_too_large:
      return {431, "header_too_large", "The request's header is too large"};
    case ErrorCode::body_too_large:
      return {413, "body_too_large", "The request's body is too large"};
    case ErrorCode::request_timeout:
      return {408, "request_timeout", "The request took too long to arrive"};
    case ErrorCode::unsupported_media_type:
      return {415, "unsupported_media_type", "The body must be application/json"};
    case ErrorCode::not_acceptable_encoding:
      return {415, "unsupported_content_encoding", "The body must not be encoded"};
    case ErrorCode::http_version_not_supported:
      return {505, "http_version_not_supported", "HTTP/1.1 and HTTP/1.0 are spoken here"};
    case ErrorCode::token_missing:
      return {401, "token_missing", "A bearer token is needed"};
    case ErrorCode::token_malformed:
      return {401, "token_malformed", "The bearer token cannot be read"};
    case ErrorCode::token_invalid:
      return {401, "token_invalid", "The bearer token is not valid"};
    case ErrorCode::token_expired:
      return {401, "token_expired", "The bearer token has expired"};
    case ErrorCode::token_not_yet_valid:
      return {401, "token_not_yet_valid", "The bearer token is not valid yet"};
    case ErrorCode::route_not_found:
      return {404, "route_not_found", "There is nothing at this path"};
    case ErrorCode::method_not_allowed:
      return {405, "method_not_allowed", "This path has other methods"};
    case ErrorCode::no_resume_point:
      return {404, "no_resume_point", "This viewer has not watched this video"};
    case ErrorCode::invalid_field:
      return {422, "invalid_field", "A field has a value that cannot be taken"};
    case ErrorCode::invalid_cursor:
      return {422, "invalid_cursor", "The cursor is not one of this list"};
    case ErrorCode::too_many_items:
      return {422, "too_many_items", "There are too many items"};
    case ErrorCode::queue_full:
      return {503, "queue_full", "Too much waits already; try again"};
    case ErrorCode::store_unavailable:
      return {503, "store_unavailable", "The store cannot be used at the moment"};
    case ErrorCode::store_slow:
    case ErrorCode::would_block:
      return {503, "store_slow", "The store did not answer in time; send it again"};
    case ErrorCode::shutting_down:
      return {503, "shutting_down", "This server is going away; try again"};
    case ErrorCode::too_many_connections:
      return {503, "too_many_connections", "There are too many connections; try again"};
    case ErrorCode::internal:
      return {500, "internal", "Something went wrong here"};
  }
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
  if (kind.status == 503) {
    answer.head_lines = "Retry-After: " + std::to_string(retry_after_s) + "\r\n";
  }
  return answer;
}

}  // namespace playhead
