// RLIMIT_NOFILE.
#include "app/descriptors.h"

#include <algorithm>
#include <limits>

#include <sys/resource.h>

namespace playhead {
namespace {

constexpr std::size_t kOfTheStore = 1'024;
// Of a process that loads a server: files, and what Asio has.
constexpr std::size_t kOfTheClient = 256;

}  // namespace

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<std::size_t>::max();
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) return std::numeric_limits<std::size_t>::max();
  return limit.rlim_cur;
}

std::size_t server_connections(std::size_t descriptors) {
  return descriptors - std::min(kOfTheStore, descriptors / 2);
}

std::size_t connections_to_child() {
  const std::size_t descriptors = raise_descriptor_limit();
  return server_connections(descriptors) - std::min(kOfTheClient, descriptors / 4);
}

}  // namespace playhead
