// The merge law inside RocksDB: records by their registers, erasures by the later instant.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <rocksdb/merge_operator.h>

#include "base/clock.h"

namespace playhead::rocks {

class LongChains;

/// Merges encoded records with playhead::merge. An operand that does not decode fails the merge,
/// and RocksDB reports corruption to whoever reads the key. `chains` is told of long ones.
std::shared_ptr<rocksdb::MergeOperator> record_merge_operator(std::shared_ptr<LongChains> chains);

/// Keeps the later of two instants.
std::shared_ptr<rocksdb::MergeOperator> latest_instant_operator();

/// An instant as a value of the erasures family: a varint of milliseconds. 0 where it is damaged.
std::string encode_instant(Instant at);
Instant decode_instant(std::string_view bytes);

}  // namespace playhead::rocks
