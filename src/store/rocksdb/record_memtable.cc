// RocksDB's port for memtables on an UpdateIndex: what it allocates, adds and iterates over.
#include "store/rocksdb/record_memtable.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include <boost/endian/conversion.hpp>
#include <rocksdb/version.h>

#include "store/rocksdb/keys.h"
#include "store/rocksdb/update_index.h"

namespace playhead::rocks {
namespace {

// An update takes some 200 bytes: about a bucket for each when the memtable is full.
constexpr std::size_t kBytesABucket = 256;

// What RocksDB sorts by: keys upwards, and of a key the newest write first, which has the greatest
// number (its sequence number and kind in one).
struct InternalKey {
  std::string_view key;
  std::uint64_t number;
};

InternalKey internal_key(const rocksdb::Slice& bytes) {
  const std::size_t key_size = bytes.size() - sizeof(std::uint64_t);
  const auto* number = reinterpret_cast<const unsigned char*>(bytes.data() + key_size);
  return {{bytes.data(), key_size}, boost::endian::load_little_u64(number)};
}

InternalKey internal_key(const Update& update) {
  return internal_key(rocksdb::GetLengthPrefixedSlice(update.bytes()));
}

enum class Scope : std::uint8_t { account, all };

// The newest update of a key that is no newer than a number, or nullptr.
const Update* at_or_older(const KeyUpdates& key, std::uint64_t number) {
  const Update* one = key.newest.load(std::memory_order_acquire);
  while (one && internal_key(*one).number > number) one = one->older;
  return one;
}

// Keys are collected and sorted when it is first sent to an account, or anywhere in all; updates of
// a key are followed as it goes.
class Iterator final : public rocksdb::MemTableRep::Iterator {
 public:
  Iterator(const UpdateIndex& index, Scope scope) : index_(index), scope_(scope) {}

  bool Valid() const override { return at_ != nullptr; }
  const char* key() const override { return at_->bytes(); }

  void Next() override {
    at_ = at_->older;
    if (!at_) enter(place_ + 1);
  }

  void Prev() override {
    const Update* newer = newer_than(at_);
    if (newer) {
      at_ = newer;
    } else {
      enter_last_before(place_);
    }
  }

  void Seek(const rocksdb::Slice& target, const char* /*memtable_key*/) override {
    const auto [key, number] = internal_key(target);
    collect(key);
    const auto found = std::ranges::lower_bound(keys_, key, {}, &KeyUpdates::key);
    enter(static_cast<std::size_t>(found - keys_.begin()));
    if (!at_ || keys_[place_]->key() != key) return;
    at_ = at_or_older(*keys_[place_], number);
    if (!at_) enter(place_ + 1);
  }

  void SeekForPrev(const rocksdb::Slice& target, const char* /*memtable_key*/) override {
    const auto [key, number] = internal_key(target);
    collect(key);
    const auto found = std::ranges::upper_bound(keys_, key, {}, &KeyUpdates::key);
    const auto place = static_cast<std::size_t>(found - keys_.begin());
    enter_last_before(place);
    if (!at_ || keys_[place_]->key() != key) return;
    enter(place_);
    if (internal_key(*at_).number < number) return enter_last_before(place_);
    while (at_->older && internal_key(*at_->older).number >= number) at_ = at_->older;
  }

  // Of the account to which it was last sent.
  void SeekToFirst() override {
    if (scope_ == Scope::all) collect({});
    enter(0);
  }

  void SeekToLast() override {
    if (scope_ == Scope::all) collect({});
    enter_last_before(keys_.size());
  }

 private:
  void collect(std::string_view key) {
    const std::string_view prefix = account_prefix_of(key);
    // RocksDB sends it about within an account, once for each record of a long history.
    if (!keys_.empty() &&
        (scope_ == Scope::all || account_prefix_of(keys_.front()->key()) == prefix)) {
      return;
    }
    keys_ = scope_ == Scope::all ? index_.all_keys() : index_.keys_of_account(prefix);
  }

  // Goes to the newest update of a key. The next ones lie anywhere in a full memtable: they are
  // sent for while there is work on this one.
  void enter(std::size_t place) {
    constexpr std::size_t kAhead = 4;
    if (place + 2 * kAhead < keys_.size()) {
      __builtin_prefetch(keys_[place + 2 * kAhead]);
      __builtin_prefetch(keys_[place + kAhead]->newest.load(std::memory_order_acquire));
    }
    place_ = place;
    at_ = place < keys_.size() ? keys_[place]->newest.load(std::memory_order_acquire) : nullptr;
  }

  // Goes to the oldest update of the key before.
  void enter_last_before(std::size_t place) {
    enter(place == 0 ? keys_.size() : place - 1);
    while (at_ && at_->older) at_ = at_->older;
  }

  const Update* newer_than(const Update* update) const {
    const Update* newer = keys_[place_]->newest.load(std::memory_order_acquire);
    if (newer == update) return nullptr;
    while (newer->older != update) newer = newer->older;
    return newer;
  }

  const UpdateIndex& index_;
  const Scope scope_;
  UpdateIndex::Keys keys_;
  std::size_t place_ = 0;
  const Update* at_ = nullptr;
};

// What a memtable must be able to do, for those below that are one in name only.
class InNameOnly : public rocksdb::MemTableRep {
 public:
  using MemTableRep::MemTableRep;
  void Insert(rocksdb::KeyHandle /*handle*/) override { std::abort(); }
  bool Contains(const char* /*key*/) const override { std::abort(); }
  std::size_t ApproximateMemoryUsage() override { return 0; }
  Iterator* GetIterator(rocksdb::Arena* /*arena*/) override { std::abort(); }
};

// The memory of an arena. RocksDB wants the iterators of a read in the read's arena, and keeps to
// itself what an arena is. But a memtable can take memory from its `Allocator`, and an arena is
// one.
class ArenaMemory final : public InNameOnly {
 public:
  static_assert(ROCKSDB_MAJOR == 7 && ROCKSDB_MINOR == 8, "is Allocator still the base of Arena?");
  explicit ArenaMemory(rocksdb::Arena* arena)
      : InNameOnly(reinterpret_cast<rocksdb::Allocator*>(arena)) {}
};

// The look-up of one key. RocksDB keeps to itself what a LookupKey is, too; its own look-up takes
// one apart, but never frees the iterator it asks for (7.8).
class KeyLookUp final : public InNameOnly {
 public:
  explicit KeyLookUp(const UpdateIndex& index) : InNameOnly(nullptr), updates_(index) {}
  MemTableRep::Iterator* GetDynamicPrefixIterator(rocksdb::Arena* /*arena*/) override {
    return &updates_;
  }

 private:
  // Of one key, from an update on to older ones, which is all a look-up does.
  class Updates final : public MemTableRep::Iterator {
   public:
    explicit Updates(const UpdateIndex& index) : index_(index) {}
    bool Valid() const override { return at_ != nullptr; }
    const char* key() const override { return at_->bytes(); }
    void Next() override { at_ = at_->older; }
    void Seek(const rocksdb::Slice& target, const char* /*memtable_key*/) override {
      const auto [key, number] = internal_key(target);
      const KeyUpdates* found = index_.find(key);
      at_ = found ? at_or_older(*found, number) : nullptr;
    }
    void Prev() override { std::abort(); }
    void SeekForPrev(const rocksdb::Slice& /*target*/, const char* /*memtable_key*/) override {
      std::abort();
    }
    void SeekToFirst() override { std::abort(); }
    void SeekToLast() override { std::abort(); }

   private:
    const UpdateIndex& index_;
    const Update* at_ = nullptr;
  };

  Updates updates_;
};

// Aligned as what will be there is; the allocator does not align.
template <typename T>
void* allocate(rocksdb::MemTableRep& memory, std::size_t bytes) {
  char* unaligned = nullptr;
  memory.MemTableRep::Allocate(bytes + alignof(T) - 1, &unaligned);
  std::size_t room = bytes + alignof(T) - 1;
  void* aligned = unaligned;
  return std::align(alignof(T), bytes, aligned, room);
}

class RecordMemtable final : public rocksdb::MemTableRep {
 public:
  RecordMemtable(rocksdb::Allocator* allocator, std::size_t bytes_max)
      : MemTableRep(allocator),
        bytes_max_(bytes_max),
        index_(bytes_max / kBytesABucket,
               [this](std::size_t bytes) { return allocate<KeyUpdates>(*this, bytes); }) {}

  rocksdb::KeyHandle Allocate(std::size_t bytes, char** at) override {
    auto* update = new (allocate<Update>(*this, sizeof(Update) + bytes)) Update;
    *at = update->bytes();
    return update;
  }

  void Insert(rocksdb::KeyHandle handle) override {
    auto& update = *static_cast<Update*>(handle);
    const auto [key, number] = internal_key(update);
    index_.add(update, key, number);
  }

  bool Contains(const char* bytes) const override {
    const auto [key, number] = internal_key(rocksdb::GetLengthPrefixedSlice(bytes));
    const KeyUpdates* found = index_.find(key);
    const Update* one = found ? at_or_older(*found, number) : nullptr;
    return one && internal_key(*one).number == number;
  }

  void Get(const rocksdb::LookupKey& key, void* arguments,
           bool (*wants_more)(void* arguments, const char* update)) override {
    KeyLookUp(index_).MemTableRep::Get(key, arguments, wants_more);
  }

  // Besides what was allocated. RocksDB goes on with another memtable once this one is full.
  std::size_t ApproximateMemoryUsage() override {
    return index_.memory_bytes() + (index_.crowded() ? bytes_max_ : 0);
  }

  Iterator* GetIterator(rocksdb::Arena* arena) override { return iterate(arena, Scope::all); }
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override {
    return iterate(arena, Scope::account);
  }

 private:
  Iterator* iterate(rocksdb::Arena* arena, Scope scope) const {
    if (!arena) return new rocks::Iterator(index_, scope);
    ArenaMemory memory(arena);
    return new (allocate<rocks::Iterator>(memory, sizeof(rocks::Iterator)))
        rocks::Iterator(index_, scope);
  }

  const std::size_t bytes_max_;
  UpdateIndex index_;
};

class Factory final : public rocksdb::MemTableRepFactory {
 public:
  explicit Factory(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  const char* Name() const override { return "playhead.record_memtable"; }
  using MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& /*comparator*/,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform* /*prefix*/,
                                          rocksdb::Logger* /*logger*/) override {
    return new RecordMemtable(allocator, bytes_max_);
  }

 private:
  const std::size_t bytes_max_;
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> record_memtable(std::size_t bytes_max) {
  return std::make_shared<Factory>(bytes_max);
}

}  // namespace playhead::rocks
