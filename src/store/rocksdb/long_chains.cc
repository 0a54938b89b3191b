// Long chains.
#include "store/rocksdb/long_chains.h"

#include <algorithm>
#include <iterator>

namespace playhead::rocks {

void LongChains::saw(std::string_view key, std::uint64_t updates) {
  if (updates < kUpdatesMin) return;
  const std::scoped_lock lock(mutex_);
  if (keys_.size() < kKeysMax) keys_.emplace(key);
}

std::vector<std::string> LongChains::some() const {
  const std::scoped_lock lock(mutex_);
  const std::size_t count = std::min(keys_.size(), kTakenMax);
  return {keys_.begin(), std::next(keys_.begin(), static_cast<std::ptrdiff_t>(count))};
}

void LongChains::drop(const std::vector<std::string>& keys) {
  const std::scoped_lock lock(mutex_);
  for (const std::string& key : keys) keys_.erase(key);
}

}  // namespace playhead::rocks
