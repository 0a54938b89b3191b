// An open RocksDB with our column families, and the reads that need no more than it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <rocksdb/db.h>

#include "base/clock.h"
#include "store/rocksdb/long_chains.h"
#include "store/rocksdb/options.h"
#include "store/store.h"

namespace playhead::rocks {

/// Version of everything a folder holds: keys, values, families. A newer one is not opened.
constexpr int kFormatVersion = 1;

/// Owns the database and the handles of its families. Thread safe as RocksDB is.
class Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder,
                                                const Tuning& tuning, Clock& clock);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() { return *db_; }
  LongChains& long_chains() { return *long_chains_; }
  rocksdb::ColumnFamilyHandle* records() const { return handles_[1]; }
  rocksdb::ColumnFamilyHandle* erasures() const { return handles_[2]; }

  /// The later of the account's and the viewer's erasure; 0 where there is none.
  Result<Instant> erased_at(ViewerRef viewer, const rocksdb::ReadOptions& options);

 private:
  Database() = default;
  Result<void> check_format();

  const std::shared_ptr<LongChains> long_chains_ = std::make_shared<LongChains>();
  std::unique_ptr<rocksdb::DB> db_;
  // default (what the store says of itself), records, erasures: in this order.
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

rocksdb::ReadOptions read_options(ReadFrom from);

/// Reads one value into `value`; false where there is none.
Result<bool> get(rocksdb::DB& db, const rocksdb::ReadOptions& options,
                 rocksdb::ColumnFamilyHandle* family, std::string_view key,
                 rocksdb::PinnableSlice& value);

/// A failed read as our error: `would_block` where the block cache did not hold it.
tl::unexpected<Error> read_error(const rocksdb::Status& status);

inline rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view view(const rocksdb::Slice& text) {
  return {text.data(), text.size()};
}

}  // namespace playhead::rocks
