// What a memtable holds: the updates of each key, newest first, and the keys of each account.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace playhead::rocks {

/// One write, in front of the bytes that RocksDB lays out of it.
struct Update {
  const Update* older = nullptr;  ///< of the same key

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
};

/// What was written of one key. It is a link of three lists: the keys of its bucket, those of its
/// account, and, where it is the first of its account, the accounts of a bucket. It fills one line
/// of the processor's cache: in a full memtable, each that is looked at is fetched from memory.
struct alignas(64) KeyUpdates {
  const char* key_data = nullptr;
  std::uint32_t key_size = 0;
  std::uint32_t hash = 0;
  std::atomic<const Update*> newest{nullptr};
  std::uint64_t newest_number = 0;      ///< the writer's alone
  std::uint32_t others_of_account = 0;  ///< likewise; of the first of its account
  KeyUpdates* next = nullptr;
  KeyUpdates* next_account = nullptr;
  std::atomic<KeyUpdates*> next_of_account{nullptr};

  std::string_view key() const { return {key_data, key_size}; }
};

/// An index of updates that is cheap to add to, and sorted by whoever reads more than one key (ADR
/// 0003). Adding is a look into a bucket, however many updates the key and keys the account has.
///
/// One writer, and any number of readers beside it without a lock: they see what was added before
/// they began, and maybe more. Nothing is moved or freed while the index lives; keys and updates
/// are memory of the caller's, which must live as long.
class UpdateIndex {
 public:
  /// Gives that many bytes, aligned for KeyUpdates, which live as long as the index.
  using Allocate = std::function<void*(std::size_t)>;
  using Keys = std::vector<const KeyUpdates*>;

  UpdateIndex(std::size_t buckets, Allocate allocate);

  /// Adds an update. Of a key each must have a greater number than the last, which is more than 0;
  /// else the process ends.
  void add(Update& update, std::string_view key, std::uint64_t number);

  /// The updates of a key, or nullptr where there is none.
  const KeyUpdates* find(std::string_view key) const;

  /// The keys that share an `account_prefix_of`, or all, sorted.
  Keys keys_of_account(std::string_view account_prefix) const;
  Keys all_keys() const;

  /// Whether an account has so many keys that no more should come: who reads any of its keys sorts
  /// all of them, kAccountKeysMax in some 0.1 ms.
  bool crowded() const { return crowded_.load(std::memory_order_relaxed); }
  static constexpr std::uint32_t kAccountKeysMax = 4'000;

  /// Of the buckets; the rest is what was allocated.
  std::size_t memory_bytes() const;

 private:
  using Buckets = std::vector<std::atomic<KeyUpdates*>>;

  KeyUpdates* look(std::string_view key, std::uint32_t hash) const;
  KeyUpdates* first_of_account(std::string_view account_prefix, std::size_t bucket) const;
  void add_key(Update& update, std::string_view key, std::uint64_t number, std::uint32_t hash);
  void add_to_account(KeyUpdates& key);
  KeyUpdates& new_key();

  const Allocate allocate_;
  std::span<KeyUpdates> unused_;  // of what was allocated
  Buckets keys_;
  Buckets accounts_;
  std::atomic<bool> crowded_ = false;
};

}  // namespace playhead::rocks
