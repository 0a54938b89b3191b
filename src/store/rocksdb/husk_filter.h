// Compaction drops what was forgotten long enough ago that nothing older can come any more.
#pragma once

#include <memory>

#include <rocksdb/compaction_filter.h>

#include "base/clock.h"

namespace playhead::rocks {

/// In a compaction of all tables, for each merged record whose `forgotten_at` is two days older
/// than kErasureKeptMs: drops the mark and what it hid, and the whole record where nothing is left.
/// `clock` outlives the database.
std::shared_ptr<rocksdb::CompactionFilterFactory> husk_filter_factory(Clock& clock);

}  // namespace playhead::rocks
