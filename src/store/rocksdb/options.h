// How RocksDB is set up, and why.
#pragma once

#include <memory>

#include <rocksdb/options.h>

#include "base/clock.h"
#include "store/rocksdb/tuning.h"

namespace playhead::rocks {

class LongChains;

rocksdb::DBOptions database_options();

/// The family of records: merge operator, our own memtable, bounded cache.
rocksdb::ColumnFamilyOptions record_options(const Tuning& tuning,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            Clock& clock, std::shared_ptr<LongChains> chains);

/// The account at the start of a key, as the prefix of the family of records.
std::shared_ptr<const rocksdb::SliceTransform> account_prefix_extractor();

/// The small families: erasures, and what the store says of itself.
rocksdb::ColumnFamilyOptions erasure_options(const std::shared_ptr<rocksdb::Cache>& cache);
rocksdb::ColumnFamilyOptions meta_options();

}  // namespace playhead::rocks
