// RocksDB's options, each with its reason.
#include "store/rocksdb/options.h"

#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store/rocksdb/husk_filter.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/merge_operators.h"
#include "store/rocksdb/record_memtable.h"

namespace playhead::rocks {
namespace {

// The account is the prefix: its records are one list of the memtable and one entry of the bloom
// filter. Written out, because RocksDB's own fixed-length extractor aborts on a shorter key.
class AccountPrefix final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "playhead.account_prefix.1"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), account_prefix_of({key.data(), key.size()}).size()};
  }
  bool InDomain(const rocksdb::Slice& /*key*/) const override { return true; }
};

// Writing a memtable out takes half a microsecond a report, 0.15 s in one piece. With the weight of
// a loop it held that up, and p99 was 38 ms at 40,000 reports a second on one core; at nice 5 it
// was 15. It then gets a quarter of a core beside one busy thread and a seventh beside two, and
// needs a twentieth of what one core takes. At 19, as compactions, it gets a hundredth: memtables
// would fill faster than they are written, and then nothing is.
constexpr int kFlushNice = 5;

class GentleFlush final : public rocksdb::EventListener {
 public:
  // On a thread of RocksDB's for such work, which stays as gentle as it was made. Above the main
  // thread's, as the commit thread began: a unit may have a `Nice=`, and commits go before
  // flushes.
  void OnFlushBegin(rocksdb::DB* /*db*/, const rocksdb::FlushJobInfo& /*info*/) override {
    const auto self = static_cast<id_t>(::gettid());
    const auto process = static_cast<id_t>(::getpid());
    const int gentle = ::getpriority(PRIO_PROCESS, process) + kFlushNice;
    if (::getpriority(PRIO_PROCESS, self) < gentle) ::setpriority(PRIO_PROCESS, self, gentle);
  }
};

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 8U << 10U;  // a viewer's 300 records of some 80 bytes span three or four
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Index and filter blocks count against the cache's bound; those of level 0 stay.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  return table;
}

}  // namespace

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.allow_concurrent_memtable_write = false;  // ours has one writer; so have we
  // All tables stay open: a read without I/O of one that is not open finds an empty value.
  options.max_open_files = -1;
  options.bytes_per_sync = 1U << 20U;  // spreads a compaction's writes, so that our syncs wait less
  options.max_total_wal_size = 512U << 20U;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // Compaction yields the core to reports: without this, p99 passes 200 ms on one core.
  options.env = rocksdb::Env::Default();
  options.env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
  options.listeners.push_back(std::make_shared<GentleFlush>());
  return options;
}

rocksdb::ColumnFamilyOptions record_options(const Tuning& tuning,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            Clock& clock, std::shared_ptr<LongChains> chains) {
  rocksdb::ColumnFamilyOptions options;
  options.merge_operator = record_merge_operator(std::move(chains));
  options.compaction_filter_factory = husk_filter_factory(clock);
  options.prefix_extractor = account_prefix_extractor();
  options.memtable_factory = record_memtable(tuning.write_buffer_bytes);
  options.write_buffer_size = tuning.write_buffer_bytes;
  options.max_write_buffer_number = 3;
  options.level_compaction_dynamic_level_bytes = true;
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(cache)));
  return options;
}

std::shared_ptr<const rocksdb::SliceTransform> account_prefix_extractor() {
  return std::make_shared<AccountPrefix>();
}

rocksdb::ColumnFamilyOptions erasure_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.merge_operator = latest_instant_operator();
  options.write_buffer_size = 1U << 20U;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(cache)));
  return options;
}

rocksdb::ColumnFamilyOptions meta_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 1U << 16U;
  return options;
}

}  // namespace playhead::rocks
