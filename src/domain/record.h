// The record of one viewer and video: a product of max-registers, and its merge.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace playhead {

/// The series an episode belongs to. Borrows its id.
struct Series {
  std::string_view id;
  std::uint32_t season = 0;
  std::uint32_t episode = 0;
  friend auto operator<=>(const Series&, const Series&) = default;
};

/// Where a session stood. The order of the members is the register's order: the key (at, session,
/// seq) first, then the value, so that two reports with one key still merge the same way round.
/// Milliseconds are in 0..2^53-1; percent_bp is in hundredths of a percent, 0..10000.
struct Playhead {
  Instant at;
  std::string_view session;
  std::uint64_t seq = 0;
  std::optional<std::int64_t> position_ms;
  std::optional<std::int64_t> duration_ms;
  std::optional<std::int32_t> percent_bp;
  std::optional<std::int64_t> credits_ms;
  std::string_view device;
  std::optional<Series> series;
  friend auto operator<=>(const Playhead&, const Playhead&) = default;
};

/// The furthest position reached. A known position outranks a bare percentage.
struct Furthest {
  std::optional<std::int64_t> position_ms;
  std::optional<std::int32_t> percent_bp;
  Instant at;
  friend auto operator<=>(const Furthest&, const Furthest&) = default;
};

/// Watched to the end, or said to be; at one instant yes outranks no.
struct Finished {
  Instant at;
  bool yes = false;
  std::string_view session;
  friend auto operator<=>(const Finished&, const Finished&) = default;
};

/// Removed from the row until it moves again, or put back; at one instant yes outranks no.
struct Hidden {
  Instant at;
  bool yes = false;
  friend auto operator<=>(const Hidden&, const Hidden&) = default;
};

/// All registers of one viewer and video. A value; borrows its strings from the bytes it was read
/// from, which must outlive it. An absent register stands below every present one.
struct Record {
  std::optional<Playhead> playhead;
  std::optional<Playhead> opening;
  std::optional<Furthest> furthest;
  std::optional<Finished> finished;
  std::optional<Hidden> hidden;
  /// "Delete this from my history": a register not newer than it does not exist. Zero is never.
  Instant forgotten_at;

  bool empty() const;
  friend bool operator==(const Record&, const Record&) = default;
};

/// Merges `from` into `into`, register by register: the greater value stays. Commutative,
/// associative and idempotent (docs/adr/0002). Registers that are not newer than the merged
/// `forgotten_at` are dropped, except `furthest`: it is ordered by position, so dropping it here
/// would make the result depend on the order; readers leave it out with `without`.
void merge(Record& into, const Record& from);

/// What is left of a record when everything not newer than `limit` or its own `forgotten_at` does
/// not exist; this is what readers see. `forgotten_at` itself stays.
Record without(Record record, Instant limit);

}  // namespace playhead
