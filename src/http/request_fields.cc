// From a field's name to its place in the request.
#include "http/request_fields.h"

namespace playhead {

namespace http = boost::beast::http;

std::string_view* field_kept_once(Request& request, http::field name) {
  switch (name) {
    case http::field::authorization:
      return &request.authorization;
    case http::field::origin:
      return &request.origin;
    case http::field::content_type:
      return &request.content_type;
    case http::field::content_encoding:
      return &request.content_encoding;
    case http::field::access_control_request_method:
      return &request.preflight_method;
    case http::field::range:
      return &request.range;
    case http::field::if_range:
      return &request.if_range;
    default:
      return nullptr;
  }
}

}  // namespace playhead
