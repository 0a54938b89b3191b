// RocksDB's own log, on a disk that may be full; and the one line of it that ours must show.
#pragma once

#include <filesystem>
#include <memory>

#include <rocksdb/env.h>

namespace playhead {
class Log;
}

namespace playhead::rocks {

/// Writes RocksDB's log to the file `LOG` of the folder, up to 8 MiB, and keeps the one before as
/// `LOG.old`. Lines that the disk does not take are lost, and that is all: RocksDB's own logger
/// ends the process at the second such line (an assertion of Debian's library). Tells `log`, as
/// `store_log_cut`, when opening the store drops damaged bytes of the write-ahead log. `log`
/// outlives it.
std::shared_ptr<rocksdb::Logger> info_log(const std::filesystem::path& folder, Log& log);

}  // namespace playhead::rocks
