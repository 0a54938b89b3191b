// The memtable of the records, in RocksDB's terms.
#pragma once

#include <cstddef>
#include <memory>

#include <rocksdb/memtablerep.h>

namespace playhead::rocks {

/// A memtable for keys of our own (`keys.h`) and one writer, over an `UpdateIndex` (ADR 0003).
/// `bytes_max`: the family's `write_buffer_size`; also full once an account has
/// UpdateIndex::kAccountKeysMax keys. An iterator that is not in total order stays within the
/// account it was last sent to. Not for iterators that are refreshed, or tailing.
std::shared_ptr<rocksdb::MemTableRepFactory> record_memtable(std::size_t bytes_max);

}  // namespace playhead::rocks
