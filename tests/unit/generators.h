// RapidCheck generators for registers and records, from small pools so that ties happen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "domain/record.h"

namespace playhead {

/// A generator of nullopt (one time in two) or a value of `gen`.
template <typename T>
rc::Gen<std::optional<T>> maybe(rc::Gen<T> gen) {
  return rc::gen::oneOf(
      rc::gen::just(std::optional<T>{}),
      rc::gen::map(std::move(gen), [](T value) { return std::optional<T>(value); }));
}

/// Instants 1..12 ms: few enough that two of a pair are often the same.
inline rc::Gen<Instant> any_instant() {
  return rc::gen::map(rc::gen::inRange<std::int64_t>(1, 13),
                      [](std::int64_t ms) { return Instant{ms}; });
}

inline rc::Gen<std::string_view> any_session() {
  return rc::gen::element<std::string_view>("", "a", "b", "c");
}

inline rc::Gen<std::optional<std::int64_t>> any_position_ms() {
  return maybe(rc::gen::element<std::int64_t>(1, 119'999, 120'000, 2'520'000));
}

inline rc::Gen<std::optional<std::int32_t>> any_percent_bp() {
  return maybe(rc::gen::element<std::int32_t>(1, 300, 9'000, 10'000));
}

inline rc::Gen<Series> any_series() {
  return rc::gen::build<Series>(
      rc::gen::set(&Series::id, rc::gen::element<std::string_view>("s", "t")),
      rc::gen::set(&Series::season, rc::gen::inRange<std::uint32_t>(0, 3)),
      rc::gen::set(&Series::episode, rc::gen::inRange<std::uint32_t>(0, 3)));
}

inline rc::Gen<Playhead> any_playhead() {
  return rc::gen::build<Playhead>(
      rc::gen::set(&Playhead::at, any_instant()), rc::gen::set(&Playhead::session, any_session()),
      rc::gen::set(&Playhead::seq, rc::gen::inRange<std::uint64_t>(0, 3)),
      rc::gen::set(&Playhead::position_ms, any_position_ms()),
      rc::gen::set(&Playhead::duration_ms, maybe(rc::gen::element<std::int64_t>(1, 2'640'000))),
      rc::gen::set(&Playhead::percent_bp, any_percent_bp()),
      rc::gen::set(&Playhead::credits_ms, maybe(rc::gen::element<std::int64_t>(2'520'000))),
      rc::gen::set(&Playhead::device, rc::gen::element<std::string_view>("", "tv", "web")),
      rc::gen::set(&Playhead::series, maybe(any_series())));
}

inline rc::Gen<Furthest> any_furthest() {
  return rc::gen::build<Furthest>(rc::gen::set(&Furthest::position_ms, any_position_ms()),
                                  rc::gen::set(&Furthest::percent_bp, any_percent_bp()),
                                  rc::gen::set(&Furthest::at, any_instant()));
}

inline rc::Gen<Finished> any_finished() {
  return rc::gen::build<Finished>(rc::gen::set(&Finished::at, any_instant()),
                                  rc::gen::set(&Finished::yes, rc::gen::arbitrary<bool>()),
                                  rc::gen::set(&Finished::session, any_session()));
}

inline rc::Gen<Hidden> any_hidden() {
  return rc::gen::build<Hidden>(rc::gen::set(&Hidden::at, any_instant()),
                                rc::gen::set(&Hidden::yes, rc::gen::arbitrary<bool>()));
}

/// A record with exactly one register written, which is the smallest fact there is.
inline rc::Gen<Record> any_delta() {
  const auto with = [](auto member, auto gen) {
    return rc::gen::map(std::move(gen), [member](auto value) {
      Record record;
      record.*member = value;
      return record;
    });
  };
  return rc::gen::oneOf(
      with(&Record::playhead, any_playhead()), with(&Record::opening, any_playhead()),
      with(&Record::furthest, any_furthest()), with(&Record::finished, any_finished()),
      with(&Record::hidden, any_hidden()), with(&Record::forgotten_at, any_instant()));
}

inline rc::Gen<std::vector<Record>> any_deltas() {
  return rc::gen::container<std::vector<Record>>(any_delta());
}

/// The same elements in any order. To be called from within a property.
template <typename T>
std::vector<T> shuffled(std::vector<T> from) {
  for (std::size_t i = 1; i < from.size(); ++i) {
    std::swap(from[i], from[*rc::gen::inRange<std::size_t>(0, i + 1)]);
  }
  return from;
}

inline Record merged(Record into, const Record& from) {
  merge(into, from);
  return into;
}

inline Record merged(const std::vector<Record>& deltas) {
  Record record;
  for (const Record& delta : deltas) merge(record, delta);
  return record;
}

/// A record as a store holds it: the merge of some deltas, with the invariant that this brings
/// (nothing but `furthest` is as old as `forgotten_at`).
inline rc::Gen<Record> any_record() {
  return rc::gen::map(any_deltas(),
                      [](const std::vector<Record>& deltas) { return merged(deltas); });
}

// RapidCheck finds these by their name when it shows a counterexample.
template <typename T>
void show_maybe(std::ostream& out, const char* name, const std::optional<T>& value) {
  if (value) out << ' ' << name << '=' << *value;
}

inline void show_playhead(std::ostream& out, const char* name, const std::optional<Playhead>& p) {
  if (!p) return;
  out << ' ' << name << "(at=" << p->at.ms << " session='" << p->session << "' seq=" << p->seq;
  show_maybe(out, "position_ms", p->position_ms);
  show_maybe(out, "duration_ms", p->duration_ms);
  show_maybe(out, "percent_bp", p->percent_bp);
  show_maybe(out, "credits_ms", p->credits_ms);
  out << " device='" << p->device << "'";
  if (p->series) {
    out << " series=" << p->series->id << '/' << p->series->season << '/' << p->series->episode;
  }
  out << ')';
}

// NOLINTNEXTLINE(readability-identifier-naming): the name is RapidCheck's.
inline void showValue(const Record& record, std::ostream& out) {
  out << '{';
  show_playhead(out, "playhead", record.playhead);
  show_playhead(out, "opening", record.opening);
  if (record.furthest) {
    out << " furthest(at=" << record.furthest->at.ms;
    show_maybe(out, "position_ms", record.furthest->position_ms);
    show_maybe(out, "percent_bp", record.furthest->percent_bp);
    out << ')';
  }
  if (const auto& finished = record.finished) {
    out << " finished(at=" << finished->at.ms << " yes=" << finished->yes << " session='"
        << finished->session << "')";
  }
  if (const auto& hidden = record.hidden) {
    out << " hidden(at=" << hidden->at.ms << " yes=" << hidden->yes << ')';
  }
  out << " forgotten_at=" << record.forgotten_at.ms << '}';
}

}  // namespace playhead

namespace rc {

template <>
struct Arbitrary<playhead::Record> {
  static Gen<playhead::Record> arbitrary() { return playhead::any_record(); }
};

template <>
struct Arbitrary<playhead::Instant> {
  static Gen<playhead::Instant> arbitrary() { return playhead::any_instant(); }
};

}  // namespace rc
