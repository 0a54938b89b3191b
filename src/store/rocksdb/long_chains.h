// Records whose updates lie in a long chain, as readers met them, until a write shortens them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace playhead::rocks {

/// Updates of a record are merged when it is read, 0.1 µs each, and the memtable keeps every one
/// until it is written out: a film of two hours leaves 720. A merge that met a long chain says so
/// here, and the next batch writes the merged record over it, so that later readers pay for a few
/// (ADR 0012). Writes read nothing but what a reader has just brought into memory.
///
/// At most kKeysMax keys wait; one more is not taken, and its next reader names it again. Thread
/// safe.
class LongChains {
 public:
  /// From here on a chain is worth a rewrite, which costs some 10 µs of the commit thread.
  static constexpr std::uint64_t kUpdatesMin = 64;
  static constexpr std::size_t kKeysMax = 256;
  /// Rewritten with one batch, so that it waits a millisecond at most.
  static constexpr std::size_t kTakenMax = 32;

  /// `updates` of `key` were merged.
  void saw(std::string_view key, std::uint64_t updates);

  /// Some of the keys that wait, at most kTakenMax.
  std::vector<std::string> some() const;

  /// These wait no longer. Reading them to shorten them has named them anew.
  void drop(const std::vector<std::string>& keys);

 private:
  mutable std::mutex mutex_;
  std::set<std::string> keys_;
};

}  // namespace playhead::rocks
