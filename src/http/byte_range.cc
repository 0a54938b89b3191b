// Reading Range fields.
#include "http/byte_range.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace playhead {
namespace {

constexpr std::string_view kUnit = "bytes=";

// A number of digits only; more than fits is as good as the largest.
std::optional<std::size_t> number(std::string_view digits) {
  std::size_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value);
  if (digits.empty() || parsed.ptr != end) return std::nullopt;
  if (parsed.ec == std::errc::result_out_of_range) return std::numeric_limits<std::size_t>::max();
  return value;
}

}  // namespace

std::optional<ByteRange> byte_range(std::string_view field, std::size_t bytes) {
  if (!field.starts_with(kUnit)) return std::nullopt;
  field.remove_prefix(kUnit.size());
  const std::size_t dash = field.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto last = number(field.substr(dash + 1));
  if (dash == 0) {  // the last so many
    if (!last) return std::nullopt;
    const std::size_t size = std::min(*last, bytes);
    return ByteRange{bytes - size, size};
  }
  const auto first = number(field.substr(0, dash));
  const bool open = field.size() == dash + 1;
  if (!first || (!last && !open) || (last && *last < *first)) return std::nullopt;
  if (*first >= bytes) return ByteRange{};
  const std::size_t end = last && *last < bytes ? *last + 1 : bytes;
  return ByteRange{*first, end - *first};
}

}  // namespace playhead
