// The memtable of the records, in RocksDB's terms.
#pragma once

#include <cstddef>
#include <memory>

#include <rocksdb/memtablerep.h>

namespace playhead::rocks {

/// A memtable for keys of our own (`keys.h`) and one writer, over an `UpdateIndex` (ADR 0003).
/// An iterator that is not in total order stays within the account it was last sent to.
std::shared_ptr<rocksdb::MemTableRepFactory> record_memtable(std::size_t buckets);

}  // namespace playhead::rocks
