// Who is let in, and that everything counted is given back.
#include "http/connection_gate.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace playhead {
namespace {

boost::asio::ip::address address(const std::string& text) {
  return boost::asio::ip::make_address(text);
}

ErrorCode refusal(ConnectionGate& gate, const std::string& from) {
  const auto place = gate.enter(address(from));
  return place ? ErrorCode::internal : place.error().code;
}

TEST(ConnectionGate, BoundsAllTogether) {
  ConnectionGate gate(2, 0);
  const auto first = gate.enter(address("10.0.0.1"));
  ASSERT_TRUE(first);
  ASSERT_TRUE(gate.enter(address("10.0.0.1")));
  EXPECT_EQ(refusal(gate, "10.0.0.2"), ErrorCode::too_many_connections);
  EXPECT_EQ(gate.open(), 2U);
  gate.leave(*first);
  EXPECT_TRUE(gate.enter(address("10.0.0.2")));
}

TEST(ConnectionGate, BoundsEachAddress) {
  ConnectionGate gate(100, 2);
  const auto first = gate.enter(address("10.0.0.1"));
  ASSERT_TRUE(first);
  ASSERT_TRUE(gate.enter(address("10.0.0.1")));
  EXPECT_EQ(refusal(gate, "10.0.0.1"), ErrorCode::too_many_from_address);
  EXPECT_EQ(gate.open(), 2U);
  EXPECT_TRUE(gate.enter(address("10.0.0.2")));
  gate.leave(*first);
  EXPECT_TRUE(gate.enter(address("10.0.0.1")));
  EXPECT_EQ(refusal(gate, "10.0.0.1"), ErrorCode::too_many_from_address);
}

TEST(ConnectionGate, CountsAnIpv6SubnetAsOneAddress) {
  ConnectionGate gate(100, 1);
  ASSERT_TRUE(gate.enter(address("2001:db8:0:1::1")));
  EXPECT_EQ(refusal(gate, "2001:db8:0:1:ffff::2"), ErrorCode::too_many_from_address);
  EXPECT_TRUE(gate.enter(address("2001:db8:0:2::1")));
}

TEST(ConnectionGate, KnowsAnIpv4AddressInIpv6Form) {
  ConnectionGate gate(100, 1);
  ASSERT_TRUE(gate.enter(address("10.0.0.1")));
  EXPECT_EQ(refusal(gate, "::ffff:10.0.0.1"), ErrorCode::too_many_from_address);
  EXPECT_TRUE(gate.enter(address("::ffff:10.0.0.2")));
}

TEST(ConnectionGate, OperatorsComeInWhenAllIsFull) {
  ConnectionGate gate(1, 1);
  ASSERT_TRUE(gate.enter(address("10.0.0.1")));
  const auto place = gate.enter_unbounded();
  EXPECT_EQ(gate.open(), 2U);
  gate.leave(place);
  EXPECT_EQ(gate.open(), 1U);
}

RC_GTEST_PROP(ConnectionGate, CountsWhatIsOpen, ()) {
  constexpr std::size_t kAll = 6;
  constexpr std::size_t kEach = 3;
  ConnectionGate gate(kAll, kEach);
  std::vector<std::pair<int, ConnectionGate::Place>> open;
  for (int i = 0; i < 200; ++i) {
    const auto who = *rc::gen::inRange(0, 4);
    const auto of_who = static_cast<std::size_t>(
        std::count_if(open.begin(), open.end(), [&](auto& one) { return one.first == who; }));
    if (*rc::gen::arbitrary<bool>() || open.empty()) {
      const auto place = gate.enter(address("10.0.0." + std::to_string(who)));
      RC_ASSERT(place.has_value() == (open.size() < kAll && of_who < kEach));
      if (place) open.emplace_back(who, *place);
    } else {
      const auto one = *rc::gen::inRange<std::size_t>(0, open.size());
      gate.leave(open[one].second);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(one));
    }
    RC_ASSERT(gate.open() == open.size());
  }
}

}  // namespace
}  // namespace playhead
