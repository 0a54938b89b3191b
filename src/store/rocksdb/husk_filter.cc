// The compaction filter.
#include "store/rocksdb/husk_filter.h"

#include <string>
#include <string_view>

#include "store/record_codec.h"
#include "store/store.h"

namespace playhead::rocks {
namespace {

// The same of a delta in the memtable: `purge` flushes it once a day, so one that came at the last
// moment is in a table by now.
constexpr std::int64_t kFlushedWithinMs = 2 * kDayMs;

class HuskFilter final : public rocksdb::CompactionFilter {
 public:
  explicit HuskFilter(Instant limit) : limit_(limit) {}

  const char* Name() const override { return "playhead.husk_filter"; }

  // Only whole values, never merge operands: what we put is the merge of a chain, so a value is the
  // result of a full merge and stands for everything older. An operand that is dropped could let
  // an older value below it come back.
  Decision FilterV2(int /*level*/, const rocksdb::Slice& /*key*/, ValueType type,
                    const rocksdb::Slice& value, std::string* new_value,
                    std::string* /*skip_until*/) const override {
    if (type != ValueType::kValue) return Decision::kKeep;
    const auto record = decode({value.data(), value.size()});
    if (!record || record->forgotten_at == Instant{} || record->forgotten_at > limit_) {
      return Decision::kKeep;
    }
    Record left = without(*record, record->forgotten_at);
    left.forgotten_at = Instant{};
    if (left.empty()) return Decision::kRemove;
    new_value->clear();
    encode(left, *new_value);
    return Decision::kChangeValue;
  }

 private:
  Instant limit_;
};

class HuskFilterFactory final : public rocksdb::CompactionFilterFactory {
 public:
  explicit HuskFilterFactory(Clock& clock) : clock_(clock) {}

  const char* Name() const override { return "playhead.husk_filter"; }

  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& context) override {
    // Only where every table takes part: a mark that goes while an older delta lies in another
    // table would let that come back.
    if (!context.is_full_compaction) return nullptr;
    return std::make_unique<HuskFilter>(
        Instant{clock_.now().ms - kErasureKeptMs - kFlushedWithinMs});
  }

 private:
  Clock& clock_;
};

}  // namespace

std::shared_ptr<rocksdb::CompactionFilterFactory> husk_filter_factory(Clock& clock) {
  return std::make_shared<HuskFilterFactory>(clock);
}

}  // namespace playhead::rocks
