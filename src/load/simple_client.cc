// Plain sockets with time limits.
#include "load/simple_client.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "load/answer_reader.h"

namespace playhead {
namespace {

constexpr time_t kWaitSeconds = 10;

tl::unexpected<Error> failure(const char* what) {
  return fail(ErrorCode::internal, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

SimpleClient::~SimpleClient() {
  if (socket_ >= 0) ::close(socket_);
}

SimpleClient::SimpleClient(SimpleClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), input_(std::move(other.input_)) {}

SimpleClient& SimpleClient::operator=(SimpleClient&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(input_, other.input_);
  return *this;
}

Result<void> SimpleClient::open(const ListenAddress& address) {
  const boost::asio::ip::tcp::endpoint endpoint(boost::asio::ip::make_address(address.host),
                                                address.port);
  if (socket_ >= 0) ::close(socket_);
  input_.clear();
  socket_ = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return failure("cannot open a connection");
  const timeval wait{kWaitSeconds, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  if (::connect(socket_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    return failure("cannot connect");
  }
  return {};
}

Result<void> SimpleClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return failure("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<SimpleClient::Answer> SimpleClient::receive() {
  std::array<char, 16'384> piece{};
  while (true) {
    LoadAnswer answer;
    const AnswerStep step = read_answer(input_, answer);
    if (step == AnswerStep::broken) return fail(ErrorCode::internal, "the answer is no HTTP");
    if (step == AnswerStep::complete) {
      Answer whole{answer.status, std::string(answer.body)};
      input_.erase(0, answer.size);
      return whole;
    }
    const ssize_t size = ::recv(socket_, piece.data(), piece.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failure("no answer");
    if (size == 0) return fail(ErrorCode::internal, "the connection ended without an answer");
    input_.append(piece.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace playhead
