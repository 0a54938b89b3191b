// Purging: old erasures go, and for good what arrived under them late.
#include <rocksdb/write_batch.h>

#include "store/record_codec.h"
#include "store/rocksdb/database_use.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/merge_operators.h"

namespace playhead::rocks {
namespace {

// Forgets written by one step, so that a purge never holds much memory.
constexpr std::uint32_t kStepRecords = 1'000;

bool holds_older(const Record& record, Instant limit) {
  return without(record, limit) != record;
}

}  // namespace

Result<void> RocksStore::purge(Instant now, const std::stop_token& stop) {
  const Use database(*this);
  if (!database) return Use::refusal();
  const Instant limit{now.ms - kErasureKeptMs};
  const std::unique_ptr<rocksdb::Iterator> mark(
      database_->db().NewIterator(rocksdb::ReadOptions(), database_->erasures()));
  for (mark->SeekToFirst(); mark->Valid() && !stop.stop_requested(); mark->Next()) {
    const Instant erased_at = decode_instant(view(mark->value()));
    if (erased_at > limit) continue;
    if (auto done = forget_erased(view(mark->key()), erased_at, stop); !done) return done;
    if (stop.stop_requested()) return {};  // the mark stays until all under it is forgotten
    if (auto done = drop_mark(view(mark->key()), limit); !done) return done;
  }
  if (!mark->status().ok()) return read_error(mark->status());
  return stop.stop_requested() ? Result<void>() : flush_daily(now);
}

// The memtable is written out at least once a day, however little comes in: the husk filter counts
// on it.
Result<void> RocksStore::flush_daily(Instant now) {
  if (now.ms - flushed_at_.ms < kDayMs) return {};
  flushed_at_ = now;
  const auto status = database_->db().Flush(rocksdb::FlushOptions(), database_->records());
  if (!status.ok()) return fail(ErrorCode::store_unavailable, status.ToString());
  return {};
}

// Forgetting is a merge like any other, so a report that arrives meanwhile is not harmed;
// compaction then drops the husk.
Result<void> RocksStore::forget_erased(std::string_view mark, Instant erased_at,
                                       const std::stop_token& stop) {
  Record forget;
  forget.forgotten_at = erased_at;
  std::string operand;
  encode(forget, operand);
  const std::string end = end_of(mark);
  const rocksdb::Slice bound(end);
  rocksdb::ReadOptions range;
  range.prefix_same_as_start = true;
  range.iterate_upper_bound = &bound;
  rocksdb::DB& db = database_->db();
  rocksdb::WriteBatch batch;
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(range, database_->records()));
  for (it->Seek(slice(mark)); it->Valid() && !stop.stop_requested(); it->Next()) {
    const auto record = decode(view(it->value()));
    if (record && holds_older(*record, erased_at)) {
      batch.Merge(database_->records(), it->key(), operand);
    }
    if (batch.Count() < kStepRecords) continue;
    if (auto done = write_forgets(batch); !done) return done;
  }
  if (!it->status().ok()) return read_error(it->status());
  return write_forgets(batch);
}

Result<void> RocksStore::write_step(rocksdb::WriteBatch& batch) {
  if (failed_.load(std::memory_order_acquire)) return takes_no_writes();
  rocksdb::WriteOptions options;
  options.sync = tuning_.sync;
  const auto status = database_->db().Write(options, &batch);
  batch.Clear();
  if (!status.ok()) return fail(ErrorCode::store_unavailable, status.ToString());
  return {};
}

// Not while a chain is being shortened: the merge that is written would lack them.
Result<void> RocksStore::write_forgets(rocksdb::WriteBatch& batch) {
  const std::scoped_lock lock(write_mutex_);
  return write_step(batch);
}

Result<void> RocksStore::drop_mark(std::string_view mark, Instant limit) {
  const std::scoped_lock lock(write_mutex_);
  rocksdb::DB& db = database_->db();
  std::string value;
  const auto status = db.Get(rocksdb::ReadOptions(), database_->erasures(), slice(mark), &value);
  if (status.IsNotFound() || (status.ok() && decode_instant(value) > limit)) return {};
  if (!status.ok()) return read_error(status);
  rocksdb::WriteBatch batch;
  batch.Delete(database_->erasures(), slice(mark));
  return write_step(batch);
}

}  // namespace playhead::rocks
