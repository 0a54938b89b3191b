// Merging records: one rule for every register.
#include "domain/record.h"

#include <algorithm>

namespace playhead {
namespace {

template <typename Register>
void keep_greater(std::optional<Register>& into, const std::optional<Register>& from) {
  // std::optional compares an empty value below every other.
  if (into < from) into = from;
}

template <typename Register>
void drop_not_newer(std::optional<Register>& value, Instant limit) {
  if (value && value->at <= limit) value.reset();
}

void drop_timed_registers(Record& record, Instant limit) {
  drop_not_newer(record.playhead, limit);
  drop_not_newer(record.opening, limit);
  drop_not_newer(record.finished, limit);
  drop_not_newer(record.hidden, limit);
}

}  // namespace

bool Record::empty() const {
  return !playhead && !opening && !furthest && !finished && !hidden && forgotten_at == Instant{};
}

void merge(Record& into, const Record& from) {
  keep_greater(into.playhead, from.playhead);
  keep_greater(into.opening, from.opening);
  keep_greater(into.furthest, from.furthest);
  keep_greater(into.finished, from.finished);
  keep_greater(into.hidden, from.hidden);
  into.forgotten_at = std::max(into.forgotten_at, from.forgotten_at);
  if (into.forgotten_at > Instant{}) drop_timed_registers(into, into.forgotten_at);
}

Record without(Record record, Instant limit) {
  limit = std::max(limit, record.forgotten_at);
  drop_timed_registers(record, limit);
  drop_not_newer(record.furthest, limit);
  return record;
}

}  // namespace playhead
