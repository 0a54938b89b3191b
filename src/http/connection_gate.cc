// Counting connections.
#include "http/connection_gate.h"

#include <algorithm>

#include <boost/asio/ip/address_v6.hpp>

namespace playhead {

struct ConnectionGate::Address {
  Key key;
  std::size_t connections = 0;
};

ConnectionGate::ConnectionGate(std::size_t connections_max, std::size_t per_address_max)
    : connections_max_(connections_max), per_address_max_(per_address_max) {}

ConnectionGate::~ConnectionGate() = default;

Result<ConnectionGate::Place> ConnectionGate::enter(const boost::asio::ip::address& address) {
  if (open_.fetch_add(1) >= connections_max_) {
    open_.fetch_sub(1);
    return fail(ErrorCode::too_many_connections);
  }
  if (!counts_addresses()) return nullptr;
  const Key key = key_of(address);
  const std::scoped_lock lock(mutex_);
  auto& counted = addresses_[key];
  if (!counted) counted = std::make_unique<Address>(Address{key, 0});
  if (counted->connections >= per_address_max_) {
    open_.fetch_sub(1);
    return fail(ErrorCode::too_many_from_address);
  }
  ++counted->connections;
  return counted.get();
}

ConnectionGate::Place ConnectionGate::enter_unbounded() {
  open_.fetch_add(1);
  return nullptr;
}

void ConnectionGate::leave(Place place) {
  open_.fetch_sub(1);
  if (place == nullptr) return;
  const std::scoped_lock lock(mutex_);
  if (--place->connections == 0) addresses_.erase(Key(place->key));
}

ConnectionGate::Key ConnectionGate::key_of(const boost::asio::ip::address& address) {
  if (address.is_v4()) {
    return boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, address.to_v4()).to_bytes();
  }
  Key key = address.to_v6().to_bytes();
  if (!address.to_v6().is_v4_mapped()) std::fill(key.begin() + 8, key.end(), std::uint8_t{0});
  return key;
}

}  // namespace playhead
