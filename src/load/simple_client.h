// A blocking HTTP client for what is not measured: reading back, metrics, idle connections.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/listen_address.h"

namespace playhead {

/// One connection. Every wait has a bound of 10 s. Not thread safe.
class SimpleClient {
 public:
  struct Answer {
    unsigned status = 0;
    std::string body;
  };

  SimpleClient() = default;
  ~SimpleClient();
  SimpleClient(SimpleClient&& other) noexcept;
  SimpleClient& operator=(SimpleClient&& other) noexcept;

  /// The error is `internal` and says what the system says.
  Result<void> open(const ListenAddress& address);
  /// Several requests may be sent before their answers are received, in order.
  Result<void> send(std::string_view bytes);
  Result<Answer> receive();

 private:
  int socket_ = -1;
  std::string input_;
};

}  // namespace playhead
