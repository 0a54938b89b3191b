// Using the database while another thread may want to close it.
#pragma once

#include <mutex>
#include <shared_mutex>

#include "store/rocksdb/database.h"
#include "store/rocksdb/rocks_store.h"

namespace playhead::rocks {

/// Holds the database open for one call, or is empty while it is being opened again. Never waits.
class RocksStore::Use {
 public:
  explicit Use(const RocksStore& store) : lock_(store.database_mutex_, std::defer_lock) {
    if (!store.closing_.load(std::memory_order_acquire) && lock_.try_lock()) {
      database_ = store.database_.get();
    }
  }
  explicit operator bool() const { return database_ != nullptr; }
  Database& operator*() const { return *database_; }
  Database* operator->() const { return database_; }

  static tl::unexpected<Error> refusal() {
    return fail(ErrorCode::store_unavailable, "the store is being opened again");
  }

 private:
  std::shared_lock<std::shared_mutex> lock_;
  Database* database_ = nullptr;
};

}  // namespace playhead::rocks
