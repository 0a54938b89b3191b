// The store port: apply a batch of deltas durably, read a viewer, say how it is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/ids.h"
#include "domain/policy.h"
#include "domain/record.h"
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
};

/// An erasure is kept a day longer than the oldest report we accept, then it has nothing to stop.
constexpr std::int64_t kErasureKeptMs = kReportAgeMaxMs + kDayMs;

/// Records of one viewer that a read looks at; a row of more is built from the first ones by id.
/// At 0.3 µs a record this bounds a read to 30 ms, on a worker.
constexpr std::size_t kRecordsReadMax = 100'000;

/// Records that a read from memory looks at before it asks for a worker, so that one viewer with a
/// long history does not hold up a loop: about a millisecond.
constexpr std::size_t kRecordsReadOnLoopMax = 4'000;

/// A store of records. `apply` and `purge` are called by one thread at a time each; reads by any.
class Store {
 public:
  virtual ~Store() = default;

  /// Merges a batch. On return it is durable and every later read sees it. On failure the outcome
  /// is unknown, the store refuses further batches (`store_unavailable`) and says so in
  /// `trouble()`; sending again, after a restart or elsewhere, does no harm.
  virtual Result<void> apply(const Batch& batch) = 0;

  /// The records of `video_ids` that exist, in that order. `would_block` only with
  /// ReadFrom::memory; `store_unavailable` where the disk fails.
  virtual Result<ViewerRecords> read(ViewerRef viewer, std::span<const std::string_view> video_ids,
                                     ReadFrom from) = 0;

  /// All records of a viewer by video id, at most kRecordsReadMax. Errors as `read`.
  virtual Result<ViewerRecords> read_all(ViewerRef viewer, ReadFrom from) = 0;

  /// Drops erasures older than kErasureKeptMs, and for good what they erased. Safe beside `apply`.
  virtual Result<void> purge(Instant now) = 0;

  /// Why the store takes no writes, or nullopt while it does. Cheap.
  virtual std::optional<std::string> trouble() const = 0;

  virtual StoreStats stats() const = 0;
};

}  // namespace playhead
