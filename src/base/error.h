// Everything that can go wrong and be told to a caller; and Result, which carries it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace playhead {

/// Stable reasons for a refusal; http/problem.cc maps each to a status, a `code` and a sentence.
enum class ErrorCode {
  // The request cannot be read.
  malformed_request,
  malformed_json,
  missing_body,
  target_too_long,
  header_too_large,
  body_too_large,
  request_timeout,
  unsupported_media_type,
  not_acceptable_encoding,
  http_version_not_supported,
  // The caller is not known, or not allowed.
  token_missing,
  token_malformed,
  token_invalid,
  token_expired,
  token_not_yet_valid,
  // The request can be read but not done.
  route_not_found,
  method_not_allowed,
  no_resume_point,
  invalid_field,
  invalid_cursor,
  too_many_items,
  // The caller asks for too much; slower, it is served.
  too_many_requests,
  too_many_from_address,
  // The service cannot do it now; a later try may help.
  queue_full,
  store_unavailable,
  store_slow,
  would_block,
  shutting_down,
  too_many_connections,
  internal,
};

/// A refusal: its code, what to say about it, and for a field its JSON pointer (RFC 6901).
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string detail;
  std::string pointer;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string detail = {},
                                  std::string pointer = {}) {
  return tl::unexpected(Error{code, std::move(detail), std::move(pointer)});
}

}  // namespace playhead
