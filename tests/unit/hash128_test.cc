// Hashes of 128 bits: the published ones, and apart where bytes or seeds are.
#include "base/hash128.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace playhead {
namespace {

TEST(Hash128, IsXxh3) {
  // Of nothing, by xxhsum -H2.
  EXPECT_EQ(hash128(""), (Hash128{0x6001'c324'468d'497f, 0x99aa'06d3'0147'98d8}));
}

TEST(Hash128, SecretSeedsAreDrawnAnew) {
  EXPECT_NE(secret_seed(), secret_seed());
}

RC_GTEST_PROP(Hash128, TellsBytesAndSeedsApart, (const std::string& bytes, std::uint64_t seed)) {
  RC_ASSERT(hash128(bytes, seed) == hash128(bytes, seed));
  RC_ASSERT(hash128(bytes, seed) != hash128(bytes, seed + 1));
  RC_ASSERT(hash128(bytes, seed) != hash128(bytes + 'x', seed));
  RC_PRE(!bytes.empty());
  std::string other = bytes;
  ++other[*rc::gen::inRange<std::size_t>(0, bytes.size())];
  RC_ASSERT(hash128(bytes, seed) != hash128(other, seed));
}

}  // namespace
}  // namespace playhead
