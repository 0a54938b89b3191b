// Tags from XXH3.
#include "http/etag.h"

#include <array>
#include <cstddef>

#include <absl/strings/escaping.h>
#include <boost/endian/conversion.hpp>

#include "base/hash128.h"

namespace playhead {
namespace {

// 72 bits: enough that two bodies of one address never share a tag by chance.
constexpr std::size_t kTagBytes = 9;

}  // namespace

std::string entity_tag(std::string_view bytes) {
  const Hash128 hash = hash128(bytes);
  std::array<unsigned char, sizeof hash> digest{};
  boost::endian::store_big_u64(digest.data(), hash.high);
  boost::endian::store_big_u64(digest.data() + sizeof hash.high, hash.low);
  std::string tag;
  absl::WebSafeBase64Escape(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), kTagBytes), &tag);
  return '"' + tag + '"';
}

// Our tags hold neither commas nor spaces, so a list can be searched as text.
bool names_tag(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || if_none_match.find(tag) != std::string_view::npos;
}

Answer tagged_answer(std::string body, std::string_view if_none_match) {
  const std::string tag = entity_tag(body);
  Answer answer;
  if (names_tag(if_none_match, tag)) {
    answer.status = 304;
  } else {
    answer = json_answer(std::move(body));
  }
  answer.head_lines =
      "ETag: " + tag + "\r\nCache-Control: private, no-cache\r\nVary: Authorization\r\n";
  return answer;
}

}  // namespace playhead
