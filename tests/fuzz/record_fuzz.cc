// Stored values: any bytes are refused or mean a record, and records obey their laws.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/record.h"
#include "fuzz/fuzz.h"
#include "store/record_codec.h"

namespace playhead::fuzz {
namespace {

// The bytes in memory of their own, so that reading past their end is seen.
struct Value {
  explicit Value(std::string_view text) : bytes(new char[text.size()]), size(text.size()) {
    text.copy(bytes.get(), size);
    record = decode({bytes.get(), size});
  }
  std::unique_ptr<char[]> bytes;
  std::size_t size;
  std::optional<Record> record;
};

std::string encoded(const Record& record) {
  std::string out;
  encode(record, out);
  return out;
}

Record merged(const Record& a, const Record& b) {
  Record into = a;
  merge(into, b);
  return into;
}

// The codec writes one form of each record, and reads back what it wrote.
void check_form(const Record& record) {
  const std::string bytes = encoded(record);
  const auto again = decode(bytes);
  require(again.has_value(), "what is encoded decodes");
  require(*again == record, "decode(encode(x)) == x");
  require(encoded(*again) == bytes, "a record has one form");
}

}  // namespace
}  // namespace playhead::fuzz

// The first two bytes say how long the first two values are; the rest is the third.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace playhead::fuzz;
  Input input(data, size);
  const std::size_t first = input.byte();
  const std::size_t second = input.byte();
  std::string_view rest = input.rest();
  const Value values[] = {Value(rest.substr(0, first)),
                          Value(rest.size() < first ? "" : rest.substr(first, second)),
                          Value(rest.size() < first + second ? "" : rest.substr(first + second))};
  playhead::Record records[3];
  for (int i = 0; i < 3; ++i) {
    if (!values[i].record) continue;
    check_form(*values[i].record);
    // What a store holds has been merged; bytes that nobody wrote may break that invariant.
    records[i] = merged({}, *values[i].record);
    check_form(records[i]);
  }
  const auto& [a, b, c] = records;
  require(merged(a, a) == a, "merge is idempotent");
  require(merged(a, b) == merged(b, a), "merge is commutative");
  require(merged(merged(a, b), c) == merged(a, merged(b, c)), "merge is associative");
  require(merged(merged(a, b), b) == merged(a, b), "a delta may come twice");
  return 0;
}
