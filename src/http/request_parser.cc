// The request parser: which fields we keep, and what we refuse beyond what Beast does.
#include "http/request_parser.h"

#include <algorithm>
#include <array>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "command/report_decoder.h"
#include "http/request_fields.h"
#include "http/request_target.h"

namespace playhead {
namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// A chunk's head, from the end of the chunk before it, and the last one with its trailer: a size of
// a few digits; extensions and trailers mean nothing here, and are bounded so that they cannot be a
// body without a limit (RFC 9112 §7.1.1).
constexpr std::size_t kChunkHeadBytesMax = 512;

// "0", its line's end, and the last. Beast asserts that it never sees less of a last chunk, and
// does where that is also the first.
constexpr std::size_t kLastChunkBytesMin = 5;

// The digits of 2^64 - 1, decimal and hexadecimal: with more of them, zeros in front, readers with
// other integers disagree.
constexpr std::size_t kLengthDigitsMax = 20;
constexpr std::size_t kChunkSizeDigitsMax = 16;

bool decimal(char c) {
  return c >= '0' && c <= '9';
}

// Whether what stands where the version does is one that HTTP could have, but not one of ours.
bool names_a_version(std::string_view head) {
  const std::size_t target = std::min(head.find(' ') + 1, head.size());
  const std::size_t place = std::min(head.find(' ', target), head.size());
  const std::string_view version = head.substr(std::min(place + 1, head.size()), 8);
  return version.size() == 8 && version.substr(0, 5) == "HTTP/" && decimal(version[5]) &&
         version[6] == '.' && decimal(version[7]) && version.substr(5) != "1.1" &&
         version.substr(5) != "1.0";
}

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::delete_:
      return Method::del;
    case http::verb::patch:
      return Method::patch;
    case http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

}  // namespace

RequestParser::RequestParser(const ParserLimits& limits)
    : header_bytes_max_(limits.header_bytes_max), body_bytes_max_(limits.body_bytes_max) {
  Base::header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
  Base::body_limit(boost::none);  // ours differs by route and is known after the header
}

Result<RequestParser::Fed> RequestParser::feed(std::string_view bytes) {
  Fed fed;
  while (true) {
    boost::beast::error_code error;
    const bool in_header = !is_header_done();
    const std::string_view rest = bytes.substr(fed.used);
    const bool may_be_last = header_told_ && !announced_body_ && rest.substr(0, 1) == "0";
    if (may_be_last && rest.size() < kLastChunkBytesMin) return take_over(), fed;
    chunk_head_ = rest.data();
    chunk_head_read_ = false;
    const std::size_t used = Base::put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    fed.used += used;
    if (in_header) header_bytes_ += used;
    if (error && error != http::error::need_more) return error_of(error, rest);
    // Beast limits what it has not read yet; fields that come one by one count here.
    const bool unread_header = !is_header_done();
    if (header_bytes_ + (unread_header ? rest.size() - used : 0) > header_bytes_max_) {
      if (unread_header || in_header) return error_of(http::error::header_limit, rest);
    }
    if (is_header_done() && !header_told_) {
      header_told_ = true;
      fed.step = is_done() ? Step::complete : Step::header_done;
      return fed;
    }
    // A chunk's head, or the last with its trailer, is read whole or not at all.
    if (header_told_ && (chunk_head_read_ ? used : error ? rest.size() : 0) > kChunkHeadBytesMax) {
      return fail(ErrorCode::malformed_request, "a chunk's header or the trailer is too long");
    }
    if (is_done()) {
      fed.step = Step::complete;
      if (request_.body.empty()) request_.body = body_storage_;
      return fed;
    }
    if (error == http::error::need_more || fed.used == bytes.size()) {
      take_over();
      return fed;
    }
  }
}

// The bytes fed so far are the caller's and may go; everything kept is copied into one string.
void RequestParser::take_over() {
  const std::array<std::string_view*, 11> kept = {&request_.target,
                                                  &request_.authorization,
                                                  &request_.origin,
                                                  &request_.if_none_match,
                                                  &request_.if_range,
                                                  &request_.range,
                                                  &request_.content_type,
                                                  &request_.accept_encoding,
                                                  &request_.content_encoding,
                                                  &request_.preflight_method,
                                                  &request_.body};
  std::string storage;
  std::array<std::size_t, kept.size()> starts{};
  for (std::size_t i = 0; i < kept.size(); ++i) {
    starts[i] = storage.size();
    storage.append(*kept[i]);
  }
  head_storage_ = std::move(storage);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]->data() == nullptr) continue;  // null still means: this field did not come
    *kept[i] = std::string_view(head_storage_).substr(starts[i], kept[i]->size());
  }
  split_target();
}

void RequestParser::split_target() {
  const TargetParts parts = split_target_of(request_.target, request_.method);
  request_.path = parts.path;
  request_.query = parts.query;
}

void RequestParser::refuse(ErrorCode code, const char* detail, ErrorRef error) {
  refusal_ = Error{code, detail, {}};
  error = http::error::bad_value;
}

// `rest` is what was being read.
tl::unexpected<Error> RequestParser::error_of(const boost::beast::error_code& error,
                                              std::string_view rest) const {
  if (refusal_) return tl::unexpected(*refusal_);
  if (error == http::error::header_limit) {
    // RFC 9112 §3 tells a request line that is too long from a header that is.
    const bool in_line = !request_line_seen_ &&
                         rest.substr(0, header_bytes_max_).find("\r\n") == std::string_view::npos;
    return fail(in_line ? ErrorCode::target_too_long : ErrorCode::header_too_large,
                "at most " + std::to_string(header_bytes_max_) + " bytes");
  }
  if (error == http::error::bad_version && names_a_version(rest)) {
    return fail(ErrorCode::http_version_not_supported);
  }
  return fail(ErrorCode::malformed_request, error.message());
}

void RequestParser::on_request_impl(http::verb method, Text /*name*/, Text target, int version,
                                    ErrorRef error) {
  request_line_seen_ = true;
  version_ = version;
  request_.http_1_0 = version == 10;
  request_.method = method_of(method);
  request_.target = view(target);
  // What follows a CONNECT that was taken is no HTTP (RFC 9110 §9.3.6).
  if (method == http::verb::connect) {
    refuse(ErrorCode::malformed_request, "this is no proxy", error);
    return;
  }
  if (const char* wrong = what_is_wrong_with_target(request_.target, request_.method)) {
    refuse(ErrorCode::malformed_request, wrong, error);
    return;
  }
  split_target();
}

// RFC 9112 §5.2: a field that goes on in the next line is refused. Beast takes it, and gives it in
// memory of its own, which does not stay; a value that was not folded follows its name.
void RequestParser::check_value_place(Text name, Text value, ErrorRef error) {
  const char* const gap = name.data() + name.size() + 1;
  const auto distance =
      reinterpret_cast<std::uintptr_t>(value.data()) - reinterpret_cast<std::uintptr_t>(gap);
  if (distance <= header_bytes_max_ &&
      std::all_of(gap, gap + distance, [](char c) { return c == ' ' || c == '\t'; })) {
    return;
  }
  refuse(ErrorCode::malformed_request, "a header field must be in one line", error);
}

void RequestParser::on_field_impl(http::field name, Text text, Text value, ErrorRef error) {
  check_value_place(text, value, error);
  if (error || header_told_) return;  // a trailer must not pass for a header
  if (std::string_view* const place = field_kept_once(request_, name)) {
    if (place->data() != nullptr) {
      return refuse(ErrorCode::malformed_request, "a header field that may come once came twice",
                    error);
    }
    *place = view(value);
    return;
  }
  switch (name) {
    case http::field::host:
      if (host_seen_ || !is_host(view(value))) {
        refuse(ErrorCode::malformed_request, "Host must be one name or address", error);
      }
      host_seen_ = true;
      break;
    case http::field::if_none_match:
      request_.if_none_match = view(value);
      break;
    case http::field::accept_encoding:
      request_.accept_encoding = view(value);
      break;
    case http::field::content_length:
      // Beast takes a list of equal lengths, and the field twice; two parsers might not.
      if (length_seen_ || value.size() > kLengthDigitsMax ||
          !std::all_of(value.begin(), value.end(), decimal)) {
        refuse(ErrorCode::malformed_request, "Content-Length must be one number", error);
      }
      length_seen_ = true;
      break;
    case http::field::transfer_encoding:
      // Beast passes over codings it does not know, and then sees no body.
      if (version_ != 11 || !boost::beast::iequals(value, "chunked")) {
        refuse(ErrorCode::malformed_request, "the only Transfer-Encoding is chunked", error);
      }
      break;
    case http::field::connection:
      // Beast lets keep-alive win in HTTP/1.0; close does (RFC 9112 §9.3).
      if (http::token_list(value).exists("close")) close_asked_ = true;
      break;
    case http::field::expect:
      request_.expects_continue = boost::beast::iequals(value, "100-continue");
      break;
    default:
      break;
  }
}

void RequestParser::on_header_impl(ErrorRef error) {
  request_.keep_alive = Base::keep_alive() && !close_asked_;
  if (const auto length = Base::content_length()) announced_body_ = *length;
  // RFC 9112 §3.2.
  if (version_ == 11 && !host_seen_) {
    refuse(ErrorCode::malformed_request, "an HTTP/1.1 request needs a Host field", error);
  }
}

void RequestParser::on_body_init_impl(Length length, ErrorRef error) {
  if (length && *length > body_bytes_max_) {
    refuse(ErrorCode::body_too_large, "the body is longer than this path takes", error);
  }
}

std::size_t RequestParser::on_body_impl(Text body, ErrorRef error) {
  const bool whole = body_storage_.empty() && announced_body_ == body.size();
  if (whole) {
    request_.body = view(body);
  } else {
    keep_body(view(body), error);
  }
  return body.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, Text extensions, ErrorRef error) {
  chunk_head_read_ = true;
  // The line starts behind the end of the chunk before it, where there was one.
  const char* const line = chunk_head_ + (*chunk_head_ == '\r' ? 2 : 0);
  const auto digits = static_cast<std::size_t>(extensions.data() - line);
  const auto head =
      static_cast<std::size_t>(extensions.data() + extensions.size() + 2 - chunk_head_);
  if (digits > kChunkSizeDigitsMax || head > kChunkHeadBytesMax) {
    refuse(ErrorCode::malformed_request, "a chunk's head is too long", error);
    return;
  }
  // Extensions mean nothing here. But white space before one, and control characters in a quoted
  // one, are ends of the line to some.
  const bool plain = std::all_of(extensions.begin(), extensions.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  });
  if (!plain || (!extensions.empty() && extensions.front() != ';')) {
    refuse(ErrorCode::malformed_request, "a chunk's extensions are malformed", error);
    return;
  }
  if (size > body_bytes_max_ || body_storage_.size() + size > body_bytes_max_) {
    refuse(ErrorCode::body_too_large, "the body is longer than this path takes", error);
  }
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t /*remain*/, Text body, ErrorRef error) {
  keep_body(view(body), error);
  return body.size();
}

void RequestParser::keep_body(std::string_view part, ErrorRef error) {
  if (body_storage_.size() + part.size() > body_bytes_max_) {
    refuse(ErrorCode::body_too_large, "the body is longer than this path takes", error);
    return;
  }
  // Room for the decoder to read past the end.
  const std::size_t size = body_storage_.size() + part.size() + kBodyPaddingBytes;
  const std::size_t size_max = body_bytes_max_ + kBodyPaddingBytes;
  if (size > body_storage_.capacity()) {
    body_storage_.reserve(std::clamp(2 * body_storage_.capacity(), size, size_max));
  }
  body_storage_.append(part);
}

}  // namespace playhead
