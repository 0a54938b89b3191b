// The router: a short table, read from top to bottom; the hot path stands first.
#include "http/router.h"

namespace playhead {
namespace {

// The parameter of `path` under `pattern`, or nullopt where it does not match.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) {
    if (pattern != path) return std::nullopt;
    return std::string_view{};
  }
  if (path.substr(0, open) != pattern.substr(0, open)) return std::nullopt;
  const std::string_view parameter = path.substr(open);
  if (parameter.empty() || parameter.find('/') != std::string_view::npos) return std::nullopt;
  return parameter;
}

}  // namespace

std::string_view method_name(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::del:
      return "DELETE";
    case Method::patch:
      return "PATCH";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      return "other";
  }
  return "other";
}

Match Router::find(Method method, std::string_view path) const {
  const Method wanted = method == Method::head ? Method::get : method;
  // A fixed path goes before a pattern: /v1/progress/batch is not the video "batch".
  Match found;
  for (const Route& route : routes_) {
    if (route.method != wanted) continue;
    const auto parameter = match(route.path, path);
    if (!parameter) continue;
    if (parameter->empty()) return {&route, {}};
    if (found.route == nullptr) found = {&route, *parameter};
  }
  return found;
}

std::string Router::allowed(std::string_view path) const {
  std::string methods;
  for (const Route& route : routes_) {
    if (!match(route.path, path)) continue;
    methods.append(method_name(route.method)).append(", ");
    if (route.method == Method::get) methods.append("HEAD, ");
  }
  if (!methods.empty()) methods.append("OPTIONS");
  return methods;
}

}  // namespace playhead
