// Records of viewers who were read a moment ago, and which of them were written since.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/key.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>

#include "base/clock.h"
#include "base/text_hash.h"
#include "domain/ids.h"
#include "store/rocksdb/keys.h"
#include "store/store.h"
#include "store/viewer_records.h"

namespace playhead::rocks {

/// Two thirds of a row are the database's iterators. A viewer who comes back (a front page that
/// asks again, a second device, the row after an episode) is read from here instead, and from the
/// database only what was written since (ADR 0014).
///
/// What is kept is as good as the database. Whoever reads looks here first, and from then on every
/// write of the viewer is noted; what was read is kept only where none was noted meanwhile.
///
/// Holds at most `bytes_max`; who was silent longest goes first. Thread safe. Loops and the commit
/// thread meet in a mutex of a sixteenth of the accounts, for some 0.1 µs; a write of a viewer who
/// is not here, and has no hash in common with one who is, takes none.
class HotViewers {
 public:
  /// Fewer records are not worth keeping, and more than kRecordsReadOnLoopMax are a worker's to
  /// decode.
  static constexpr std::size_t kRecordsMin = 32;
  /// Of whom more videos were written than these, or one in so many of all, all is read anew: a
  /// record costs the database 3 µs by its key and 0.25 as one of many.
  static constexpr std::size_t kChangedMax = 16;
  static constexpr std::size_t kRecordsAChange = 12;

  using Version = std::uint64_t;
  struct Look {
    /// All records of the viewer but for what was written since; null where they are not here.
    std::shared_ptr<const EncodedRecords> records;
    Instant erased_at;
    /// The videos that were written since, each once.
    std::vector<std::string> changed;
    Version version = 0;
    std::size_t bytes() const;
  };

  /// With `bytes_max` 0 nothing is kept.
  explicit HotViewers(std::size_t bytes_max);

  /// What is here of a viewer. Where that is not all, the caller reads the rest from the database,
  /// and then calls `keep` or `give_up`.
  Look look(ViewerRef viewer);

  /// Whether so many records of a viewer would be kept.
  bool wants(const EncodedRecords& records) const;

  /// Keeps what was read after the look of this version, unless the viewer was written meanwhile.
  void keep(ViewerRef viewer, Version version, std::shared_ptr<const EncodedRecords> records,
            Instant erased_at);

  /// Nothing was read after the look of this version.
  void give_up(ViewerRef viewer, Version version);

  /// These records may be others in the database than they were. A fence for all of them, and 0.02
  /// µs for each whose viewer is not here.
  void wrote(std::span<const RecordWrite> writes);

  /// Anything of the account may be gone from the database.
  void erased(std::string_view account);

  /// A viewer was read from here, but for what was written since.
  void count_hit() { hits_.fetch_add(1, std::memory_order_relaxed); }

  std::size_t memory_bytes() const { return bytes_.load(std::memory_order_relaxed); }
  std::uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kSlots = std::size_t{1} << 18U;

  // An entry with the links and buckets of its indexes.
  static constexpr std::size_t kEntryBytes = 256;

  struct Entry {
    std::string viewer;  // the prefix of its keys
    std::size_t slot = 0;
    mutable Look kept;  // without records while its first reader is at the database
    std::string_view account() const { return account_prefix_of(viewer); }
    std::size_t bytes() const { return kEntryBytes + viewer.size() + kept.bytes(); }
  };
  // In the order they were asked for, the latest first; by viewer; by account.
  using Entries = boost::multi_index_container<
      Entry, boost::multi_index::indexed_by<
                 boost::multi_index::sequenced<>,
                 boost::multi_index::hashed_unique<boost::multi_index::key<&Entry::viewer>,
                                                   TextHash, std::equal_to<>>,
                 boost::multi_index::hashed_non_unique<boost::multi_index::key<&Entry::account>,
                                                       TextHash>>>;
  struct Shard {
    std::mutex mutex;
    Entries entries;
    std::size_t bytes = 0;
    Version version = 0;
  };
  // A list under its mutex, and what is to be freed once that is left.
  struct Hold {
    explicit Hold(Shard& held) : shard(held), lock(held.mutex) {}
    std::vector<std::shared_ptr<const EncodedRecords>> freed;
    Shard& shard;
    const std::scoped_lock<std::mutex> lock;
  };

  // Null where the viewer is not here.
  static const Entry* find(Shard& shard, ViewerRef viewer);
  static std::size_t slot_of(ViewerRef viewer);
  Shard& shard_of(std::string_view account);
  Version begin(Hold& hold, ViewerRef viewer);
  void note(ViewerRef viewer, std::string_view video_id);
  // An entry has other bytes than before; makes room for them.
  void recount(Hold& hold, std::size_t before, std::size_t after);
  void drop(Hold& hold, const Entry& entry);

  const std::size_t shard_bytes_max_;
  // How many entries there are by a hash of their viewer, so that most writes need not look.
  const std::unique_ptr<std::atomic<std::uint32_t>[]> slots_;
  std::array<Shard, 16> shards_;
  std::atomic<std::size_t> bytes_ = 0;
  std::atomic<std::uint64_t> hits_ = 0;
};

}  // namespace playhead::rocks
