// Two tables of buckets over lists that grow at their heads; sorted on demand.
#include "store/rocksdb/update_index.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <utility>

#include <boost/sort/pdqsort/pdqsort.hpp>

#include "base/text_hash.h"
#include "store/rocksdb/keys.h"

namespace playhead::rocks {
namespace {

// Of a number of buckets that is a power of two.
std::size_t bucket_of(std::size_t hash, std::size_t buckets) {
  return hash & (buckets - 1);
}

std::string_view after_first(std::string_view key) {
  return key.substr(std::min<std::size_t>(key.size(), 1));
}

// How many bytes after their first all keys have in common.
std::size_t shared_bytes(std::span<const KeyUpdates* const> keys) {
  std::string_view shared = after_first(keys.front()->key());
  for (const KeyUpdates* one : keys) {
    const std::string_view rest = after_first(one->key());
    if (rest.starts_with(shared)) continue;
    shared = {shared.begin(), std::ranges::mismatch(shared, rest).in1};
  }
  return shared.size();
}

// The rank is the first byte, which in our keys is a length, and seven after what all share: no
// greater than that of a greater key, and of most pairs enough to tell them apart.
struct Ranked {
  std::uint64_t rank;
  const KeyUpdates* key;
};

// Zero behind the end.
std::uint64_t byte_at(std::string_view key, std::size_t place) {
  return place < key.size() ? static_cast<unsigned char>(key[place]) : 0;
}

Ranked ranked(const KeyUpdates* one, std::size_t shared) {
  const std::string_view key = one->key();
  std::uint64_t rank = byte_at(key, 0);
  for (std::size_t place = 1 + shared; place < 8 + shared; ++place) {
    rank = rank << 8U | byte_at(key, place);
  }
  return {rank, one};
}

// A run of fewer is not worth ranks.
constexpr std::size_t kRankedMin = 16;

// By rank, without a branch that could be mispredicted, then each run of one rank by what its keys
// have in common: seven bytes more than before, so that one odd key costs all others one turn more.
void sort_by_key(std::span<const KeyUpdates*> keys) {
  const auto by_key = [&] { std::ranges::sort(keys, {}, &KeyUpdates::key); };
  if (keys.size() < kRankedMin) return by_key();
  const std::size_t shared = shared_bytes(keys);
  std::vector<Ranked> ranks;
  ranks.reserve(keys.size());
  for (const KeyUpdates* one : keys) ranks.push_back(ranked(one, shared));
  boost::sort::pdqsort_branchless(ranks.begin(), ranks.end(),
                                  [](Ranked a, Ranked b) { return a.rank < b.rank; });
  // Of one rank though they differ: some end where others go on with zeros.
  if (ranks.front().rank == ranks.back().rank) return by_key();
  std::ranges::transform(ranks, keys.begin(), &Ranked::key);
  for (std::size_t from = 0, to = 0; from < ranks.size(); from = to) {
    while (to < ranks.size() && ranks[to].rank == ranks[from].rank) ++to;
    if (to - from > 1) sort_by_key(keys.subspan(from, to - from));
  }
}

UpdateIndex::Keys sorted(UpdateIndex::Keys keys) {
  sort_by_key(keys);
  return keys;
}

}  // namespace

UpdateIndex::UpdateIndex(std::size_t buckets, Allocate allocate)
    : allocate_(std::move(allocate)),
      keys_(std::bit_ceil(buckets)),
      accounts_(std::bit_ceil(buckets)) {}

void UpdateIndex::add(Update& update, std::string_view key, std::uint64_t number) {
  const auto hash = static_cast<std::uint32_t>(TextHash{}(key));
  KeyUpdates* found = look(key, hash);
  if (number <= (found ? found->newest_number : 0)) {
    std::fputs("playhead: an update is older than one of its key that was added before\n", stderr);
    std::abort();
  }
  if (!found) return add_key(update, key, number, hash);
  update.older = found->newest.load(std::memory_order_relaxed);
  found->newest_number = number;
  found->newest.store(&update, std::memory_order_release);
}

const KeyUpdates* UpdateIndex::find(std::string_view key) const {
  return look(key, static_cast<std::uint32_t>(TextHash{}(key)));
}

KeyUpdates* UpdateIndex::look(std::string_view key, std::uint32_t hash) const {
  KeyUpdates* one = keys_[bucket_of(hash, keys_.size())].load(std::memory_order_acquire);
  while (one && (one->hash != hash || one->key() != key)) one = one->next;
  return one;
}

KeyUpdates* UpdateIndex::first_of_account(std::string_view account_prefix,
                                          std::size_t bucket) const {
  KeyUpdates* one = accounts_[bucket].load(std::memory_order_acquire);
  while (one && account_prefix_of(one->key()) != account_prefix) one = one->next_account;
  return one;
}

// What readers meet in a list is whole: it is stored there last.
void UpdateIndex::add_key(Update& update, std::string_view key, std::uint64_t number,
                          std::uint32_t hash) {
  KeyUpdates& added = new_key();
  added.key_data = key.data();
  added.key_size = static_cast<std::uint32_t>(key.size());
  added.hash = hash;
  added.newest.store(&update, std::memory_order_relaxed);
  added.newest_number = number;
  add_to_account(added);
  auto& bucket = keys_[bucket_of(hash, keys_.size())];
  added.next = bucket.load(std::memory_order_relaxed);
  bucket.store(&added, std::memory_order_release);
}

// Some at once: each alone would lose half of its size to alignment.
KeyUpdates& UpdateIndex::new_key() {
  constexpr std::size_t kAtOnce = 64;
  static_assert(sizeof(KeyUpdates) == 64);
  if (unused_.empty()) {
    unused_ = {new (allocate_(kAtOnce * sizeof(KeyUpdates))) KeyUpdates[kAtOnce], kAtOnce};
  }
  KeyUpdates& key = unused_.front();
  unused_ = unused_.subspan(1);
  return key;
}

// Behind the first, which stays where it is in the list of accounts.
void UpdateIndex::add_to_account(KeyUpdates& key) {
  const std::string_view prefix = account_prefix_of(key.key());
  const std::size_t bucket = bucket_of(TextHash{}(prefix), accounts_.size());
  if (KeyUpdates* first = first_of_account(prefix, bucket)) {
    if (++first->others_of_account >= kAccountKeysMax) {
      crowded_.store(true, std::memory_order_relaxed);
    }
    key.next_of_account.store(first->next_of_account.load(std::memory_order_relaxed),
                              std::memory_order_relaxed);
    first->next_of_account.store(&key, std::memory_order_release);
    return;
  }
  key.next_account = accounts_[bucket].load(std::memory_order_relaxed);
  accounts_[bucket].store(&key, std::memory_order_release);
}

UpdateIndex::Keys UpdateIndex::keys_of_account(std::string_view account_prefix) const {
  Keys keys;
  const KeyUpdates* one =
      first_of_account(account_prefix, bucket_of(TextHash{}(account_prefix), accounts_.size()));
  for (; one; one = one->next_of_account.load(std::memory_order_acquire)) keys.push_back(one);
  return sorted(std::move(keys));
}

UpdateIndex::Keys UpdateIndex::all_keys() const {
  Keys keys;
  for (const auto& bucket : keys_) {
    const KeyUpdates* one = bucket.load(std::memory_order_acquire);
    for (; one; one = one->next) keys.push_back(one);
  }
  return sorted(std::move(keys));
}

std::size_t UpdateIndex::memory_bytes() const {
  return (keys_.size() + accounts_.size()) * sizeof(Buckets::value_type);
}

}  // namespace playhead::rocks
