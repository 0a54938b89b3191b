// Which fields of a request are kept, each of them once.
#pragma once

#include <string_view>

#include <boost/beast/http/field.hpp>

#include "http/message.h"

namespace playhead {

/// Where the value of a field that may come once is kept; null for all other fields.
std::string_view* field_kept_once(Request& request, boost::beast::http::field name);

}  // namespace playhead
