// Building and reading keys.
#include "store/rocksdb/keys.h"

#include "base/bytes.h"

namespace playhead::rocks {
namespace {

constexpr char kVideoKind = 'v';

void append_part(std::string& out, std::string_view part) {
  out.push_back(static_cast<char>(part.size()));
  out.append(part);
}

std::optional<std::string_view> read_part(ByteReader& key) {
  const auto size = key.byte();
  return size ? key.bytes(*size) : std::nullopt;
}

}  // namespace

std::string account_prefix(std::string_view account) {
  std::string key;
  append_part(key, account);
  return key;
}

std::string viewer_prefix(ViewerRef viewer) {
  std::string key = account_prefix(viewer.account);
  append_part(key, viewer.profile);
  return key;
}

std::string record_prefix(ViewerRef viewer) {
  return viewer_prefix(viewer) + kVideoKind;
}

void record_key(ViewerRef viewer, std::string_view video_id, std::string& out) {
  out.clear();
  append_part(out, viewer.account);
  append_part(out, viewer.profile);
  out.push_back(kVideoKind);
  out.append(video_id);
}

std::string erasure_key(std::string_view account, const std::optional<std::string_view>& profile) {
  return profile ? viewer_prefix({account, *profile}) : account_prefix(account);
}

std::string end_of(std::string_view prefix) {
  return std::string(prefix) + '\xFF';
}

std::optional<RecordKey> parse_record_key(std::string_view key) {
  ByteReader reader(key);
  const auto account = read_part(reader);
  const auto profile = account ? read_part(reader) : std::nullopt;
  if (!profile || reader.byte() != static_cast<std::uint8_t>(kVideoKind)) return std::nullopt;
  return RecordKey{{*account, *profile}, reader.rest()};
}

std::string_view account_prefix_of(std::string_view key) {
  if (key.empty()) return key;
  return key.substr(0, 1 + static_cast<std::size_t>(static_cast<unsigned char>(key[0])));
}

}  // namespace playhead::rocks
