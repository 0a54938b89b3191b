// Errors as RFC 9457 problem details: one table from code to status, name and sentence.
#pragma once

#include <chrono>
#include <string_view>

#include "base/error.h"
#include "http/message.h"
#include "http/rate_limiter.h"

namespace playhead {

class JsonWriter;

/// How an error goes over the wire.
struct ProblemKind {
  unsigned status;
  std::string_view code;   // stable; clients may switch on it
  std::string_view title;  // the same for every occurrence
};

ProblemKind problem_kind(ErrorCode code);

/// Writes the `errors` of a refused field: [{"pointer": …, "detail": …}], or "parameter" for one in
/// the address.
void put_field_errors(JsonWriter& json, const Error& error);

/// The answer for an error: application/problem+json with `code`, and for a field `errors` with its
/// JSON pointer. 401 carries WWW-Authenticate, 429 and 503 a Retry-After of
/// `retry_after_s`.
Answer problem(const Error& error, unsigned retry_after_s = 1);

/// 429 for an account whose bucket is short of a request for so long, with the RateLimit fields.
Answer rate_limited(const RateLimit& limit, std::chrono::microseconds wait);

}  // namespace playhead
