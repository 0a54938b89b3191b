// What the server has acknowledged: for each viewer and video the newest position.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "base/error.h"

namespace playhead {

/// One promise of the server: this viewer's position in this video is at least so much.
struct Promise {
  std::uint32_t viewer = 0;  ///< its number among all
  std::uint32_t video = 0;
  std::uint32_t position_ms = 0;
  friend auto operator<=>(const Promise&, const Promise&) = default;
};

/// The promises of a run, 16 bytes for each viewer and video. A viewer has one request under way,
/// so what was acknowledged last is what counts; and while a title is watched its position only
/// grows, so what is stored may be newer than that (an answer that was lost), never older. The
/// exception: a report that was given up unanswered may still reach the server, behind one that was
/// sent later; from then on the promise is only the older position of the two. Not thread safe.
class Acknowledged {
 public:
  /// A report was answered with success.
  void add(std::uint32_t viewer, std::uint32_t video, std::uint32_t position_ms);
  /// A report was given up while the server may still take it.
  void add_doubtful(std::uint32_t viewer, std::uint32_t video, std::uint32_t position_ms);

  /// By viewer, then video. Doubtful reports of which none was acknowledged promise nothing.
  std::vector<Promise> promises() const;

 private:
  struct Entry {
    std::uint32_t position_ms = 0;
    std::uint32_t doubtful_ms = ~std::uint32_t{0};
  };
  Entry& entry(std::uint32_t viewer, std::uint32_t video);

  absl::flat_hash_map<std::uint64_t, Entry> entries_;
};

/// Keeps promises over a restart: a text file, a line each, and at the end how many, without which
/// it was cut short. Errors say what is wrong with which line.
Result<void> write_promises(const std::filesystem::path& file,
                            const std::vector<Promise>& promises);
Result<std::vector<Promise>> read_promises(const std::filesystem::path& file);

}  // namespace playhead
