// Listening sockets, loop threads, draining.
#include "http/server.h"

#include <cerrno>
#include <cstring>

#include <boost/asio/ip/address.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/thread_name.h"
#include "http/event_loop.h"
#include "http/routes.h"

namespace playhead {
namespace {

using Tcp = boost::asio::ip::tcp;

// Connections the kernel holds for us between two turns of a loop; it caps this at somaxconn.
constexpr int kBacklog = 4'096;

// A listening socket on `endpoint`, shared with others on it, or -1 with errno set.
int open_listener(const Tcp::endpoint& endpoint) {
  const int family = endpoint.protocol().family();
  const int listener = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return -1;
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const bool bound = ::bind(listener, endpoint.data(), endpoint.size()) == 0;
  if (bound && ::listen(listener, kBacklog) == 0) return listener;
  const int error = errno;
  ::close(listener);
  errno = error;
  return -1;
}

std::uint16_t port_of(int listener) {
  Tcp::endpoint endpoint;
  socklen_t size = endpoint.capacity();
  ::getsockname(listener, endpoint.data(), &size);
  return endpoint.port();
}

// Someone else's listener on the same port would share our connections, by SO_REUSEPORT.
bool in_use(const Tcp::endpoint& endpoint) {
  const int probe = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  const int on = 1;
  ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool taken = ::bind(probe, endpoint.data(), endpoint.size()) != 0 && errno == EADDRINUSE;
  ::close(probe);
  return taken;
}

Result<Tcp::endpoint> endpoint_of(const ListenAddress& address) {
  boost::system::error_code error;
  const auto host = boost::asio::ip::make_address(address.host, error);
  if (error) return fail(ErrorCode::invalid_field, "not an IP address: " + address.host);
  const Tcp::endpoint endpoint(host, address.port);
  if (address.port != 0 && in_use(endpoint)) {
    return fail(ErrorCode::invalid_field, "cannot listen on " + address.host + ":" +
                                              std::to_string(address.port) +
                                              ": another program does");
  }
  return endpoint;
}

}  // namespace

Server::Server(const Service& service, std::size_t threads)
    : service_(service),
      router_(service.demo == nullptr ? public_routes() : public_and_demo_routes()),
      admin_router_(admin_routes()),
      cors_(service.limits.allowed_origins),
      gate_(service.limits.connections_max, service.limits.connections_per_address_max),
      accounts_(service.limits.account, service.clock.steady()) {
  for (std::size_t i = 0; i < threads; ++i) {
    loops_.push_back(
        std::make_unique<EventLoop>(service_, router_, admin_router_, cors_, gate_, accounts_));
  }
}

Server::~Server() {
  stop();
}

Result<void> Server::listen(const ListenAddress& address) {
  auto endpoint = endpoint_of(address);
  if (!endpoint) return tl::unexpected(endpoint.error());
  for (auto& loop : loops_) {
    const int listener = open_listener(*endpoint);
    if (listener < 0) {
      return fail(ErrorCode::invalid_field, "cannot listen on " + address.host + ":" +
                                                std::to_string(address.port) + ": " +
                                                std::strerror(errno));
    }
    port_ = port_of(listener);
    endpoint->port(port_);  // the others share what the system chose
    loop->listen(listener, router_);
  }
  return {};
}

Result<void> Server::listen_admin(const ListenAddress& address) {
  const auto endpoint = endpoint_of(address);
  if (!endpoint) return tl::unexpected(endpoint.error());
  const int listener = open_listener(*endpoint);
  if (listener < 0) {
    return fail(ErrorCode::invalid_field, "cannot listen on " + address.host + ":" +
                                              std::to_string(address.port) + ": " +
                                              std::strerror(errno));
  }
  admin_port_ = port_of(listener);
  loops_.front()->listen(listener, admin_router_);
  return {};
}

void Server::start() {
  running_.store(loops_.size());
  for (auto& loop : loops_) {
    threads_.emplace_back([this, &loop] {
      name_this_thread("loop");
      loop->run();
      running_.fetch_sub(1);
    });
  }
}

void Server::begin_drain() {
  for (auto& loop : loops_) loop->begin_drain();
}

bool Server::wait_drained(std::chrono::steady_clock::time_point deadline) {
  // The bound is seconds and the end of a process no hot path: looking now and then will do.
  while (running_.load() > 0) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void Server::close_all() {
  for (auto& loop : loops_) loop->close_all();
}

void Server::stop() {
  for (auto& loop : loops_) loop->stop();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Server::run_leftovers() {
  for (auto& loop : loops_) loop->run_leftovers();
}

}  // namespace playhead
