// Where a server listens.
#pragma once

#include <cstdint>
#include <string>

namespace playhead {

/// Where to listen: an IP address without brackets ("127.0.0.1", "::1") and a port; port 0 lets the
/// system choose one.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

}  // namespace playhead
