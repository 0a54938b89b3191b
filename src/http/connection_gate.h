// Who may connect: the connections open at once, all together and of each address.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include <absl/container/flat_hash_map.h>
#include <boost/asio/ip/address.hpp>

#include "base/error.h"

namespace playhead {

/// Counts open connections and refuses those over a bound. Its memory is bounded by the connections
/// it lets in: an address is remembered while one of its connections is open. Thread safe; a lock
/// at the accept and at the end of a connection, never at a request.
class ConnectionGate {
 public:
  /// `per_address_max` 0: no bound for an address.
  ConnectionGate(std::size_t connections_max, std::size_t per_address_max);

  struct Address;
  /// What a connection holds while it is open: the count of its address, or null where none is
  /// kept.
  using Place = Address*;

  /// Lets a connection in, or says `too_many_connections` (a later try helps) or
  /// `too_many_from_address` (closing another helps). An IPv6 address counts with its /64, within
  /// which a host picks its address as it likes (RFC 7421).
  Result<Place> enter(const boost::asio::ip::address& address);
  /// The same without a bound, for the operators' listener.
  Place enter_unbounded();
  /// The connection has ended.
  void leave(Place place);

  std::size_t open() const { return open_.load(std::memory_order_relaxed); }
  bool counts_addresses() const { return per_address_max_ > 0; }

  ~ConnectionGate();
  ConnectionGate(const ConnectionGate&) = delete;
  ConnectionGate& operator=(const ConnectionGate&) = delete;

 private:
  using Key = std::array<std::uint8_t, 16>;
  static Key key_of(const boost::asio::ip::address& address);

  const std::size_t connections_max_;
  const std::size_t per_address_max_;
  std::atomic<std::size_t> open_{0};
  std::mutex mutex_;
  absl::flat_hash_map<Key, std::unique_ptr<Address>> addresses_;
};

}  // namespace playhead
