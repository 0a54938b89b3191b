// A bounded map that forgets what was silent longest, a little at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <absl/container/flat_hash_map.h>

namespace playhead {

/// At most `entries_max` entries (2 or more; less counts as 2), in two generations: new ones go to
/// the young; when that holds half of the bound it becomes the old one, and the old one is dropped;
/// what is found in the old one moves to the young. So what is in use stays, and a look-up costs no
/// list to keep.
///
/// What is dropped is freed two entries at each insertion, and the next young generation has its
/// room from the start: no call pays for many (freeing 32,768 tokens at once held a loop for 4 ms,
/// moving 114,688 sessions to a larger table the commit thread for 11). So half as many entries as
/// the bound may be there beside it, waiting to be freed. Not thread safe.
template <typename Key, typename Value,
          typename Hash = typename absl::flat_hash_map<Key, Value>::hasher>
class Generations {
 public:
  explicit Generations(std::size_t entries_max)
      : generation_max_(std::max<std::size_t>(entries_max / 2, 1)) {}
  Generations(const Generations&) = delete;
  Generations& operator=(const Generations&) = delete;

  /// The value of `key`, or null; the pointer is valid until the next call.
  Value* find(const Key& key) {
    if (const auto young = young_.find(key); young != young_.end()) return &young->second;
    const auto old = old_.find(key);
    if (old == old_.end()) return nullptr;
    Value value = std::move(old->second);
    old_.erase(old);
    return insert(key, std::move(value));
  }

  /// Keeps a value, in place of the one there is; the pointer is valid until the next call.
  Value* insert(const Key& key, Value value) {
    free_some();
    if (young_.size() >= generation_max_) begin_generation();
    return &young_.insert_or_assign(key, std::move(value)).first->second;
  }

  void erase(const Key& key) {
    young_.erase(key);
    old_.erase(key);
  }

  void clear() {
    young_ = Generation();
    old_ = Generation();
    drop(Generation());
  }

  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  using Generation = absl::flat_hash_map<Key, Value, Hash>;

  void begin_generation() {
    drop(std::move(old_));
    old_ = std::move(young_);
    young_ = Generation();
    young_.reserve(generation_max_);
  }

  void free_some() {
    for (int i = 0; i < kFreedAtOnce && next_ != dropped_.end(); ++i) dropped_.erase(next_++);
    if (dropped_.empty() && dropped_.capacity() > 0) drop(Generation());
  }

  void drop(Generation generation) {
    dropped_ = std::move(generation);
    next_ = dropped_.begin();
  }

  static constexpr int kFreedAtOnce = 2;

  std::size_t generation_max_;
  Generation young_;
  Generation old_;
  Generation dropped_;
  typename Generation::iterator next_ = dropped_.begin();  // to be freed, of dropped_
};

}  // namespace playhead
