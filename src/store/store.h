// The store port: apply a batch of deltas durably, read a viewer, say how it is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/ids.h"
#include "domain/policy.h"
#include "domain/record.h"
#include "store/trouble.h"
#include "store/viewer_records.h"

namespace playhead {

/// One delta to merge into the record of (viewer, video). Borrows its strings.
struct RecordWrite {
  ViewerRef viewer;
  std::string_view video_id;
  Record delta;
};

/// Erasure of an account with all its profiles, or of one profile. Everything with an `at` not
/// newer stops to exist, also what arrives later. Borrows its strings.
struct Erasure {
  std::string_view account;
  std::optional<std::string_view> profile;
  Instant at;
};

/// What one group commit writes. The order within it does not matter.
struct Batch {
  std::vector<RecordWrite> writes;
  std::vector<Erasure> erasures;

  bool empty() const { return writes.empty() && erasures.empty(); }
  void clear() {
    writes.clear();
    erasures.clear();
  }
};

/// Where a read may look: `memory` never waits for a disk, and answers `would_block` instead.
enum class ReadFrom : std::uint8_t { memory, anywhere };

struct StoreStats {
  std::uint64_t disk_bytes = 0;
  std::uint64_t memory_bytes = 0;
  /// An estimate where counting would cost a scan.
  std::uint64_t records = 0;
  /// Since the start: reads that failed, and how often trouble was mended.
  std::uint64_t read_failures = 0;
  std::uint64_t times_mended = 0;
  /// Since the database was opened: viewers who were read from what an earlier read left.
  std::uint64_t hot_reads = 0;
};

/// An erasure is kept a day longer than the oldest report we accept, then it has nothing to stop.
constexpr std::int64_t kErasureKeptMs = kReportAgeMaxMs + kDayMs;

/// Records of one viewer that a read looks at; a row of more is built from the first ones by id.
/// At 0.3 µs a record this bounds a read to 30 ms, on a worker.
constexpr std::size_t kRecordsReadMax = 100'000;

/// Records that a read from memory looks at before it asks for a worker, so that one viewer with a
/// long history does not hold up a loop: about a millisecond.
constexpr std::size_t kRecordsReadOnLoopMax = 4'000;

/// A store of records. `apply` is called by one thread at a time, `purge` and `mend` by one other;
/// reads by any.
class Store {
 public:
  virtual ~Store() = default;

  /// Merges a batch. On return it is durable and every later read sees it. On failure the outcome
  /// is unknown, the store refuses further batches (`store_unavailable`) until it is mended, and
  /// says so in `trouble()`; sending again, later or elsewhere, does no harm.
  virtual Result<void> apply(const Batch& batch) = 0;

  /// The records of `video_ids` that exist, in that order. `would_block` only with
  /// ReadFrom::memory; `store_unavailable` where the disk fails.
  virtual Result<ViewerRecords> read(ViewerRef viewer, std::span<const std::string_view> video_ids,
                                     ReadFrom from) = 0;

  /// All records of a viewer by video id, at most kRecordsReadMax. Errors as `read`.
  virtual Result<ViewerRecords> read_all(ViewerRef viewer, ReadFrom from) = 0;

  /// Drops erasures older than kErasureKeptMs, and for good what they erased. Safe beside `apply`.
  /// Ends early, with success, once it is asked to stop: what is left is for the next time.
  virtual Result<void> purge(Instant now, const std::stop_token& stop) = 0;

  /// Why the store takes no writes, or nullopt while it does. Cheap.
  virtual std::optional<StoreTrouble> trouble() const = 0;

  /// Called now and then: takes writes again where what was in the way is gone, and does nothing
  /// where there is no trouble. May wait for a disk; reads may be refused meanwhile.
  virtual void mend() {}

  virtual StoreStats stats() const = 0;
};

}  // namespace playhead
