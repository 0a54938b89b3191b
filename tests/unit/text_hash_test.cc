// Hashing text: what collides by design in std::hash does not here.
#include "base/text_hash.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

namespace playhead {
namespace {

// libstdc++'s std::hash of text, MurmurHash64A, takes it by words: h = (h ^ mixed(word)) * kMul.
constexpr std::uint64_t kMul = 0xc6a4a7935bd1e995;
constexpr std::uint64_t kSeed = 0xc70f6907;

std::uint64_t folded(std::uint64_t word) {
  return word ^ (word >> 47U);
}

std::uint64_t mixed(std::uint64_t word) {
  return folded(word * kMul) * kMul;
}

// The word that `mixed` makes this of.
std::uint64_t unmixed(std::uint64_t mixed_word) {
  std::uint64_t inverse = kMul;  // Newton's iteration, modulo 2^64
  for (int i = 0; i < 6; ++i) inverse *= 2 - kMul * inverse;
  return folded(mixed_word * inverse) * inverse;
}

std::string text_of(std::uint64_t first, std::uint64_t second) {
  std::string text(16, '\0');
  std::memcpy(text.data(), &first, 8);
  std::memcpy(text.data() + 8, &second, 8);
  return text;
}

// Text of 16 bytes that starts with this word, and has the hash of every other one made so.
std::string chosen(std::uint64_t first) {
  const std::uint64_t start = kSeed ^ (16 * kMul);
  const std::uint64_t after_first = (start ^ mixed(first)) * kMul;
  return text_of(first, unmixed(after_first));
}

TEST(TextHash, SpreadsWhatWasChosenToCollide) {
  const std::string one = chosen(1);
  const std::string other = chosen(2);
  ASSERT_NE(one, other);
  if (std::endian::native == std::endian::little && sizeof(std::size_t) == 8) {
    ASSERT_EQ(std::hash<std::string_view>{}(one), std::hash<std::string_view>{}(other));
  }
  EXPECT_NE(TextHash{}(one), TextHash{}(other));
  EXPECT_EQ(TextHash{}(one), TextHash{}(std::string(one)));
}

}  // namespace
}  // namespace playhead
