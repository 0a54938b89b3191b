// The stored form of a record, version 1 (docs/formats/rocksdb.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/record.h"

namespace playhead {

/// Appends the record's bytes: a version, then each present register behind its tag. A record and a
/// delta have one form, so a merge operand is a value and a value is an operand.
void encode(const Record& record, std::string& out);

/// Reads what `encode` wrote, whole; nullopt for anything else, a newer version among it. The
/// record borrows its strings from `bytes`.
std::optional<Record> decode(std::string_view bytes);

/// The same into an empty record that is in its place already; false where the bytes are not one,
/// and then the record means nothing.
bool decode(std::string_view bytes, Record& record);

}  // namespace playhead
