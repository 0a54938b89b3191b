// Records of viewers who were read a moment ago, until one of them is written.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <absl/hash/hash.h>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/key.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>

#include "base/clock.h"
#include "domain/ids.h"
#include "store/viewer_records.h"

namespace playhead::rocks {

/// Two thirds of a row are the database's iterators. A viewer who comes back before anything of the
/// account was written (a front page that asks again, a second device) is read from here instead
/// (ADR 0014).
///
/// What is kept is as good as the database: every write moves its account's epoch on, and records
/// are found only in the epoch they were read in. Accounts share kEpochs epochs by their hash; one
/// that shares with a busy one is read from the database more often, and never wrongly.
///
/// Holds at most `bytes_max`; who was silent longest goes first. Thread safe; loops meet in a mutex
/// of a sixteenth of the viewers, for some 0.1 µs and the freeing of whom a new one displaces; the
/// commit thread takes none.
class HotViewers {
 public:
  /// Fewer records are not worth keeping, and more than kRecordsReadOnLoopMax are a worker's to
  /// decode.
  static constexpr std::size_t kRecordsMin = 32;
  static constexpr std::size_t kEpochs = std::size_t{1} << 18U;

  using Epoch = std::uint32_t;
  struct Found {
    std::shared_ptr<const EncodedRecords> records;
    Instant erased_at;
  };

  /// With `bytes_max` 0 nothing is kept.
  explicit HotViewers(std::size_t bytes_max);

  /// All records of a viewer, or nullopt where they are to be read from the database.
  std::optional<Found> find(ViewerRef viewer);

  /// The account's epoch: to be asked before the database is looked at.
  Epoch epoch_of(std::string_view account) const;

  /// Whether so many records of a viewer would be kept.
  bool wants(const EncodedRecords& records) const;

  /// Keeps what was read of a viewer since `epoch` was asked, unless that is over.
  void keep(ViewerRef viewer, Epoch epoch, Found found);

  /// Something of the account may be in the database that was not before. One thread at a time;
  /// 0.02 µs.
  void wrote(std::string_view account);

  std::size_t memory_bytes() const { return bytes_.load(std::memory_order_relaxed); }
  std::uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    std::string viewer;
    Epoch epoch = 0;
    Found found;
    std::size_t bytes() const {
      return sizeof *this + viewer.size() + found.records->memory_bytes();
    }
  };
  // By viewer, and in the order they were asked for, the latest first.
  using Entries = boost::multi_index_container<
      Entry, boost::multi_index::indexed_by<
                 boost::multi_index::sequenced<>,
                 boost::multi_index::hashed_unique<boost::multi_index::key<&Entry::viewer>,
                                                   absl::Hash<std::string>>>>;
  struct Shard {
    std::mutex mutex;
    Entries entries;
    std::size_t bytes = 0;
  };

  Shard& shard_of(std::string_view key);
  void drop(Shard& shard, Entries::iterator entry);

  const std::size_t shard_bytes_max_;
  const std::unique_ptr<std::atomic<Epoch>[]> epochs_;
  std::array<Shard, 16> shards_;
  std::atomic<std::size_t> bytes_ = 0;
  std::atomic<std::uint64_t> hits_ = 0;
};

}  // namespace playhead::rocks
