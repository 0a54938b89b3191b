// The request parser: which fields we keep, and what we refuse beyond what Beast does.
#include "http/request_parser.h"

#include <algorithm>
#include <array>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>

#include "command/report_decoder.h"

namespace playhead {
namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// A chunk's header is a size of a few digits; extensions and trailers mean nothing here, and are
// bounded so that they cannot be a body without a limit (RFC 9112 §7.1.1).
constexpr std::size_t kChunkHeadBytesMax = 512;

bool decimal(char c) {
  return c >= '0' && c <= '9';
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
    const std::size_t used = Base::put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    fed.used += used;
    if (in_header) header_bytes_ += used;
    if (error && error != http::error::need_more) return error_of(error);
    // Beast limits what it has not read yet; fields that come one by one count here.
    const bool unread_header = !is_header_done();
    if (header_bytes_ + (unread_header ? rest.size() - used : 0) > header_bytes_max_) {
      if (unread_header || in_header) {
        return fail(ErrorCode::header_too_large,
                    "at most " + std::to_string(header_bytes_max_) + " bytes");
      }
    }
    if (is_header_done() && !header_told_) {
      header_told_ = true;
      fed.step = is_done() ? Step::complete : Step::header_done;
      return fed;
    }
    if (is_done()) {
      fed.step = Step::complete;
      if (request_.body.empty()) request_.body = body_storage_;
      return fed;
    }
    if (is_header_done() && rest.size() - used > kChunkHeadBytesMax && error) {
      return fail(ErrorCode::malformed_request, "a chunk's header or the trailer is too long");
    }
    if (error == http::error::need_more || fed.used == bytes.size()) {
      take_over();
      return fed;
    }
  }
}

// The bytes fed so far are the caller's and may go; everything kept is copied into one string.
void RequestParser::take_over() {
  const std::array<std::string_view*, 8> kept = {
      &request_.target,           &request_.authorization, &request_.origin,
      &request_.if_none_match,    &request_.content_type,  &request_.content_encoding,
      &request_.preflight_method, &request_.body};
  std::string storage;
  std::array<std::size_t, 8> starts{};
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
  const std::size_t mark = request_.target.find('?');
  request_.path = request_.target.substr(0, mark);
  request_.query = mark == std::string_view::npos ? "" : request_.target.substr(mark + 1);
}

void RequestParser::refuse(ErrorCode code, const char* detail, ErrorRef error) {
  refusal_ = Error{code, detail, {}};
  error = http::error::bad_value;
}

tl::unexpected<Error> RequestParser::error_of(const boost::beast::error_code& error) const {
  if (refusal_) return tl::unexpected(*refusal_);
  if (error == http::error::header_limit) {
    return fail(ErrorCode::header_too_large,
                "at most " + std::to_string(header_bytes_max_) + " bytes");
  }
  if (error == http::error::bad_version) return fail(ErrorCode::http_version_not_supported);
  return fail(ErrorCode::malformed_request, error.message());
}

void RequestParser::on_request_impl(http::verb method, Text /*name*/, Text target, int version,
                                    ErrorRef error) {
  if (version != 10 && version != 11) {
    refuse(ErrorCode::http_version_not_supported, "", error);
    return;
  }
  version_ = version;
  request_.http_1_0 = version == 10;
  request_.method = method_of(method);
  request_.target = view(target);
  split_target();
}

void RequestParser::on_field_impl(http::field name, Text text, Text value, ErrorRef error) {
  const auto keep_one = [&](std::string_view& place) {
    if (place.data() != nullptr) {
      refuse(ErrorCode::malformed_request, "a header field that may come once came twice", error);
      return;
    }
    place = view(value);
  };
  if (header_told_) {  // a trailer: it must not pass for a header
    trailer_bytes_ += text.size() + value.size();
    if (trailer_bytes_ > kChunkHeadBytesMax) {
      refuse(ErrorCode::malformed_request, "the trailer is too long", error);
    }
    return;
  }
  switch (name) {
    case http::field::host:
      if (host_seen_) refuse(ErrorCode::malformed_request, "two Host fields", error);
      host_seen_ = true;
      break;
    case http::field::authorization:
      keep_one(request_.authorization);
      break;
    case http::field::origin:
      keep_one(request_.origin);
      break;
    case http::field::if_none_match:
      request_.if_none_match = view(value);
      break;
    case http::field::content_type:
      keep_one(request_.content_type);
      break;
    case http::field::content_encoding:
      keep_one(request_.content_encoding);
      break;
    case http::field::access_control_request_method:
      keep_one(request_.preflight_method);
      break;
    case http::field::content_length:
      // Beast takes a list of equal lengths, and the field twice; two parsers might not.
      if (length_seen_ || !std::all_of(value.begin(), value.end(), decimal)) {
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
    case http::field::expect:
      request_.expects_continue = boost::beast::iequals(value, "100-continue");
      break;
    default:
      break;
  }
}

void RequestParser::on_header_impl(ErrorRef error) {
  request_.keep_alive = Base::keep_alive();
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
  if (extensions.size() > kChunkHeadBytesMax) {
    refuse(ErrorCode::malformed_request, "a chunk's extensions are too long", error);
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
