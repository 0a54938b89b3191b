// Finding the route of a request in the API table.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/message.h"

namespace playhead {

class Exchange;

/// What an endpoint gives back: the answer, or nothing when it comes later.
using Outcome = std::optional<Answer>;
using Endpoint = Outcome (*)(Exchange&);

enum class Needs : std::uint8_t { nothing, token };
enum class Body : std::uint8_t { none, report, batch };

/// One line of the API table.
struct Route {
  Method method;
  /// A path; one last segment may be "{name}".
  std::string_view path;
  /// The route's name in metrics and logs.
  std::string_view name;
  Needs needs;
  Body body;
  Endpoint endpoint;
  /// What a request takes of its account's budget.
  unsigned cost = 1;
};

/// A route, and the last segment where its path has a parameter, still percent-encoded.
struct Match {
  const Route* route = nullptr;
  std::string_view parameter;
};

/// Looks a request up. HEAD finds what GET has. Without a match `route` is null; `allowed` tells
/// then whether the path is known: the methods it has ("GET, HEAD, …"), or "".
class Router {
 public:
  explicit Router(std::span<const Route> routes) : routes_(routes) {}

  Match find(Method method, std::string_view path) const;
  std::string allowed(std::string_view path) const;

  std::span<const Route> routes() const { return routes_; }
  std::size_t index_of(const Route& route) const {
    return static_cast<std::size_t>(&route - routes_.data());
  }

 private:
  std::span<const Route> routes_;
};

std::string_view method_name(Method method);

}  // namespace playhead
