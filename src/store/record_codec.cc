// Encoding and decoding records: the byte layout of docs/formats/rocksdb.md, tag by tag.
#include "store/record_codec.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/bytes.h"

namespace playhead {
namespace {

constexpr std::uint8_t kVersion = 1;

enum class Tag : std::uint8_t {
  playhead = 1,
  opening = 2,
  furthest = 3,
  finished = 4,
  hidden = 5,
  forgotten = 6,
};

// Which optional parts of a playhead follow; of a furthest, the first and third.
enum Part : std::uint8_t {
  kPosition = 1U << 0U,
  kDuration = 1U << 1U,
  kPercent = 1U << 2U,
  kCredits = 1U << 3U,
  kSession = 1U << 4U,
  kDevice = 1U << 5U,
  kSeries = 1U << 6U,
};
constexpr std::uint8_t kPlayheadParts = 0x7F;
constexpr std::uint8_t kFurthestParts = kPosition | kPercent;

void append_tag(std::string& out, Tag tag) {
  out.push_back(static_cast<char>(tag));
}

template <typename T>
void append_if(std::string& out, const std::optional<T>& value) {
  if (value) append_varint(out, static_cast<std::uint64_t>(*value));
}

void encode_playhead(std::string& out, Tag tag, const Playhead& playhead) {
  unsigned parts = 0;
  if (playhead.position_ms) parts |= kPosition;
  if (playhead.duration_ms) parts |= kDuration;
  if (playhead.percent_bp) parts |= kPercent;
  if (playhead.credits_ms) parts |= kCredits;
  if (!playhead.session.empty() || playhead.seq != 0) parts |= kSession;
  if (!playhead.device.empty()) parts |= kDevice;
  if (playhead.series) parts |= kSeries;
  append_tag(out, tag);
  out.push_back(static_cast<char>(parts));
  append_varint(out, static_cast<std::uint64_t>(playhead.at.ms));
  append_if(out, playhead.position_ms);
  append_if(out, playhead.duration_ms);
  append_if(out, playhead.percent_bp);
  append_if(out, playhead.credits_ms);
  if ((parts & kSession) != 0) {
    append_string(out, playhead.session);
    append_varint(out, playhead.seq);
  }
  if ((parts & kDevice) != 0) append_string(out, playhead.device);
  if (playhead.series) {
    append_string(out, playhead.series->id);
    append_varint(out, playhead.series->season);
    append_varint(out, playhead.series->episode);
  }
}

static_assert(std::endian::native == std::endian::little, "varints are read as words");

// Reads parts in order and remembers whether one was missing, so that the layout reads as a list.
// On bare pointers, because a row decodes hundreds of records: half the time of std::optional's.
class PartReader {
 public:
  explicit PartReader(std::string_view bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool good() const { return good_; }
  bool empty() const { return next_ == end_; }

  std::uint8_t byte() {
    if (next_ == end_) return lacks<std::uint8_t>();
    return static_cast<std::uint8_t>(*next_++);
  }
  // Inlined, where GCC would call it: a tenth of a record.
  [[gnu::always_inline]] std::uint64_t varint() {
    if (next_ != end_ && (*next_ & 0x80) == 0) return static_cast<std::uint8_t>(*next_++);
    if (end_ - next_ < 8) return varint_by_bytes();
    std::uint64_t word = 0;
    std::memcpy(&word, next_, sizeof word);
    const std::uint64_t last_bytes = ~word & 0x8080'8080'8080'8080;
    if (last_bytes == 0) return varint_by_bytes();
    const int bits = std::countr_zero(last_bytes) + 1;  // of the varint: 16 to 64
    next_ += bits / 8;
    return sevens_of(word & (~std::uint64_t{0} >> (64 - bits)));
  }
  std::string_view string() {
    const std::uint64_t size = varint();
    if (size > static_cast<std::uint64_t>(end_ - next_)) return lacks<std::string_view>();
    const std::string_view text(next_, size);
    next_ += size;
    return text;
  }
  bool yes_or_no() { return limited(1) == 1; }
  Instant instant() { return Instant{static_cast<std::int64_t>(limited(INT64_MAX))}; }
  template <typename T>
  T integer(std::uint64_t max) {
    return static_cast<T>(limited(max));
  }

 private:
  template <typename T>
  T lacks() {
    good_ = false;
    return T{};
  }
  std::uint64_t limited(std::uint64_t max) {
    const std::uint64_t value = varint();
    if (value > max) good_ = false;
    return value;
  }
  // The low seven bits of each byte put together, two, four and eight bytes at a time: an instant
  // has six bytes, a position three, and a record nine varints.
  static std::uint64_t sevens_of(std::uint64_t word) {
    word &= 0x7F7F'7F7F'7F7F'7F7F;
    word = (word & 0x007F'007F'007F'007F) | ((word & 0x7F00'7F00'7F00'7F00) >> 1);
    word = (word & 0x0000'3FFF'0000'3FFF) | ((word & 0x3FFF'0000'3FFF'0000) >> 2);
    return (word & 0x0FFF'FFFF) | ((word >> 32) << 28);
  }
  // Near the end, and where there are nine or ten bytes.
  std::uint64_t varint_by_bytes() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint64_t part = byte();
      // The tenth byte has room for one bit only.
      if (shift == 63 && part > 1) return lacks<std::uint64_t>();
      value |= (part & 0x7F) << shift;
      if ((part & 0x80) == 0) return value;
    }
    return lacks<std::uint64_t>();
  }

  const char* next_;
  const char* end_;
  bool good_ = true;
};

bool decode_playhead(PartReader& in, std::optional<Playhead>& out) {
  Playhead& playhead = out.emplace();
  const unsigned parts = in.byte();
  if ((parts & ~static_cast<unsigned>(kPlayheadParts)) != 0) return false;
  playhead.at = in.instant();
  if ((parts & kPosition) != 0) playhead.position_ms = in.integer<std::int64_t>(INT64_MAX);
  if ((parts & kDuration) != 0) playhead.duration_ms = in.integer<std::int64_t>(INT64_MAX);
  if ((parts & kPercent) != 0) playhead.percent_bp = in.integer<std::int32_t>(INT32_MAX);
  if ((parts & kCredits) != 0) playhead.credits_ms = in.integer<std::int64_t>(INT64_MAX);
  if ((parts & kSession) != 0) {
    playhead.session = in.string();
    playhead.seq = in.varint();
  }
  if ((parts & kDevice) != 0) playhead.device = in.string();
  if ((parts & kSeries) != 0) {
    Series& series = playhead.series.emplace();
    series.id = in.string();
    series.season = in.integer<std::uint32_t>(UINT32_MAX);
    series.episode = in.integer<std::uint32_t>(UINT32_MAX);
  }
  return in.good();
}

bool decode_furthest(PartReader& in, std::optional<Furthest>& out) {
  Furthest& furthest = out.emplace();
  const unsigned parts = in.byte();
  if ((parts & ~static_cast<unsigned>(kFurthestParts)) != 0) return false;
  furthest.at = in.instant();
  if ((parts & kPosition) != 0) furthest.position_ms = in.integer<std::int64_t>(INT64_MAX);
  if ((parts & kPercent) != 0) furthest.percent_bp = in.integer<std::int32_t>(INT32_MAX);
  return in.good();
}

bool decode_register(PartReader& in, Record& record) {
  switch (static_cast<Tag>(in.byte())) {
    case Tag::playhead:
      return decode_playhead(in, record.playhead);
    case Tag::opening:
      return decode_playhead(in, record.opening);
    case Tag::furthest:
      return decode_furthest(in, record.furthest);
    case Tag::finished: {
      const Instant at = in.instant();
      const bool yes = in.yes_or_no();
      record.finished = Finished{at, yes, in.string()};
      return in.good();
    }
    case Tag::hidden: {
      const Instant at = in.instant();
      record.hidden = Hidden{at, in.yes_or_no()};
      return in.good();
    }
    case Tag::forgotten:
      record.forgotten_at = in.instant();
      return in.good();
  }
  return false;
}

}  // namespace

void encode(const Record& record, std::string& out) {
  out.push_back(static_cast<char>(kVersion));
  if (record.playhead) encode_playhead(out, Tag::playhead, *record.playhead);
  if (record.opening) encode_playhead(out, Tag::opening, *record.opening);
  if (record.furthest) {
    const Furthest& furthest = *record.furthest;
    append_tag(out, Tag::furthest);
    out.push_back(static_cast<char>((furthest.position_ms ? kPosition : 0) |
                                    (furthest.percent_bp ? kPercent : 0)));
    append_varint(out, static_cast<std::uint64_t>(furthest.at.ms));
    append_if(out, furthest.position_ms);
    append_if(out, furthest.percent_bp);
  }
  if (record.finished) {
    append_tag(out, Tag::finished);
    append_varint(out, static_cast<std::uint64_t>(record.finished->at.ms));
    append_varint(out, record.finished->yes ? 1 : 0);
    append_string(out, record.finished->session);
  }
  if (record.hidden) {
    append_tag(out, Tag::hidden);
    append_varint(out, static_cast<std::uint64_t>(record.hidden->at.ms));
    append_varint(out, record.hidden->yes ? 1 : 0);
  }
  if (record.forgotten_at > Instant{}) {
    append_tag(out, Tag::forgotten);
    append_varint(out, static_cast<std::uint64_t>(record.forgotten_at.ms));
  }
}

bool decode(std::string_view bytes, Record& record) {
  PartReader in(bytes);
  if (in.byte() != kVersion) return false;
  while (!in.empty()) {
    if (!decode_register(in, record)) return false;
  }
  return in.good();
}

std::optional<Record> decode(std::string_view bytes) {
  std::optional<Record> record(std::in_place);
  if (!decode(bytes, *record)) record.reset();
  return record;
}

}  // namespace playhead
