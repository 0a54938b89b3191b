// What the micro-benchmarks measure with: reports, records, tokens and stores of realistic size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "domain/record.h"
#include "store/rocksdb/rocks_store.h"
#include "store/store.h"
#include "temp_folder.h"

namespace playhead::bench {

/// A title of 44 minutes that was watched for 12.
constexpr std::int64_t kPositionMs = 754'000;
constexpr std::int64_t kDurationMs = 2'640'000;

/// The viewer whose row and resume points are read.
constexpr ViewerRef kViewer{"viewer-000001", ""};

/// A body of 120 bytes as the load of bench/ sends it, and one with every field, both followed by
/// the padding that the decoder may read.
std::string short_report();
std::string full_report();

/// `viewer-100000` and on.
std::vector<std::string> some_accounts(std::int64_t count);

/// From one viewer to the next: none lies beside the last in memory. A prime, so that all get
/// their turn.
constexpr std::size_t kStride = 7'919;

/// `video-000042`.
std::string video_id(std::size_t number);

/// What a tick past the start line writes. Borrows `session`.
Record tick_delta(Instant at, std::int64_t position_ms, std::string_view session);

/// A whole request as a browser's player sends it: a 300-character token, a 120-byte report.
std::string report_request(std::string_view token);

/// The account's token of about 300 characters, signed under kTestKey, good for a day.
std::string token_of(std::string_view account);

class QuietLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::string_view,
             std::initializer_list<LogField>) override {}
};

/// An embedded store in a folder of its own; not synced, so that a benchmark measures the program
/// and not the disk.
class StoreFolder {
 public:
  StoreFolder() { open(); }

  rocks::RocksStore& store() { return *store_; }
  Clock& clock() { return clock_; }
  void reopen() {
    store_.reset();
    open();
  }

  /// Writes `count` videos of kViewer, one tick each, an hour apart, the newest now.
  void fill(std::size_t count);
  /// Writes a film's worth of ticks to one video of kViewer, each a commit of its own.
  void watch(std::string_view video, std::size_t ticks);

 private:
  void open();

  SystemClock clock_;
  QuietLog log_;
  const testing_only::TempFolder folder_;
  std::unique_ptr<rocks::RocksStore> store_;
};

}  // namespace playhead::bench
