// Why a store takes no writes, in one word.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace playhead {

enum class StoreTrouble : std::uint8_t {
  write_failed,
  disk_full,
  disk_read_only,
  folder_gone,
  store_damaged,
};

/// A stable word for readiness and for the log.
constexpr std::string_view name_of(StoreTrouble trouble) {
  switch (trouble) {
    case StoreTrouble::write_failed:
      return "write_failed";
    case StoreTrouble::disk_full:
      return "disk_full";
    case StoreTrouble::disk_read_only:
      return "disk_read_only";
    case StoreTrouble::folder_gone:
      return "folder_gone";
    case StoreTrouble::store_damaged:
      return "store_damaged";
  }
  std::abort();
}

}  // namespace playhead
