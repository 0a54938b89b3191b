// XXH3, of which only the functions called here are compiled in.
#include "base/hash128.h"

#include <random>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace playhead {

Hash128 hash128(std::string_view bytes, std::uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.low64, hash.high64};
}

std::uint64_t secret_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace playhead
