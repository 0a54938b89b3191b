// How RocksDB is set up, and why.
#pragma once

#include <cstddef>
#include <memory>

#include <rocksdb/options.h>

#include "base/clock.h"

namespace playhead::rocks {

class LongChains;

/// What an operator chooses of it (docs/operations/configuration.md).
struct Tuning {
  std::size_t block_cache_bytes = 64U << 20U;
  std::size_t write_buffer_bytes = 64U << 20U;
  bool sync = true;
};

rocksdb::DBOptions database_options();

/// The family of records: merge operator, hash memtable by account, bounded cache.
rocksdb::ColumnFamilyOptions record_options(const Tuning& tuning,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            Clock& clock, std::shared_ptr<LongChains> chains);

/// The small families: erasures, and what the store says of itself.
rocksdb::ColumnFamilyOptions erasure_options(const std::shared_ptr<rocksdb::Cache>& cache);
rocksdb::ColumnFamilyOptions meta_options();

}  // namespace playhead::rocks
