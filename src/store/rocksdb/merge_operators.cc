// Merge operators: decode, merge as the domain says, encode.
#include "store/rocksdb/merge_operators.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/bytes.h"
#include "domain/record.h"
#include "store/record_codec.h"
#include "store/rocksdb/long_chains.h"

namespace playhead::rocks {
namespace {

std::string_view view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

template <typename Operands>
bool merge_all(Record into, const Operands& operands, std::string* out) {
  for (const rocksdb::Slice& operand : operands) {
    const auto delta = decode(view(operand));
    if (!delta) return false;
    merge(into, *delta);
  }
  out->clear();
  encode(into, *out);
  return true;
}

class RecordMerge final : public rocksdb::MergeOperator {
 public:
  explicit RecordMerge(std::shared_ptr<LongChains> chains) : chains_(std::move(chains)) {}

  const char* Name() const override { return "playhead.record.1"; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    // One delta alone is a record: no work, no copy. Readers find out if it does not decode.
    if (in.existing_value == nullptr && in.operand_list.size() == 1) {
      out->existing_operand = in.operand_list.front();
      return true;
    }
    chains_->saw(view(in.key), in.operand_list.size());
    Record record;
    if (in.existing_value != nullptr) {
      const auto existing = decode(view(*in.existing_value));
      if (!existing) return false;
      record = *existing;
    }
    return merge_all(record, in.operand_list, &out->new_value);
  }

  bool PartialMergeMulti(const rocksdb::Slice& /*key*/, const std::deque<rocksdb::Slice>& operands,
                         std::string* out, rocksdb::Logger* /*logger*/) const override {
    return merge_all(Record{}, operands, out);
  }

 private:
  const std::shared_ptr<LongChains> chains_;
};

class LatestInstant final : public rocksdb::AssociativeMergeOperator {
 public:
  const char* Name() const override { return "playhead.latest_instant.1"; }

  bool Merge(const rocksdb::Slice& /*key*/, const rocksdb::Slice* existing,
             const rocksdb::Slice& value, std::string* out,
             rocksdb::Logger* /*logger*/) const override {
    const Instant before = existing == nullptr ? Instant{} : decode_instant(view(*existing));
    *out = encode_instant(std::max(before, decode_instant(view(value))));
    return true;
  }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> record_merge_operator(std::shared_ptr<LongChains> chains) {
  return std::make_shared<RecordMerge>(std::move(chains));
}

std::shared_ptr<rocksdb::MergeOperator> latest_instant_operator() {
  return std::make_shared<LatestInstant>();
}

std::string encode_instant(Instant at) {
  std::string bytes;
  append_varint(bytes, static_cast<std::uint64_t>(at.ms));
  return bytes;
}

Instant decode_instant(std::string_view bytes) {
  return Instant{static_cast<std::int64_t>(ByteReader(bytes).varint().value_or(0))};
}

}  // namespace playhead::rocks
