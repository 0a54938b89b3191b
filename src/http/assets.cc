// Finding files, and answering with them.
#include "http/assets.h"

#include <algorithm>
#include <optional>

#include "http/byte_range.h"
#include "http/etag.h"

namespace playhead {
namespace {

// A page of ours runs and shows what came with it, talks to its own server, and stands in no page
// but its own. (no-cache: a copy is kept, and asked about each time.)
constexpr std::string_view kHeadLines =
    "Cache-Control: no-cache\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; media-src 'self'; connect-src 'self'; frame-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\n";

// Whether an Accept-Encoding field has gzip and does not weigh it 0 (RFC 9110 §12.5.3).
bool takes_gzip(std::string_view field) {
  while (!field.empty()) {
    std::string_view part = field.substr(0, field.find(','));
    field.remove_prefix(std::min(field.size(), part.size() + 1));
    part.remove_prefix(std::min(part.find_first_not_of(" \t"), part.size()));
    if (part.substr(0, part.find_first_of(" \t;")) != "gzip") continue;
    const std::size_t weight = part.find("q=");
    return weight == std::string_view::npos ||
           part.find_first_of("123456789", weight) != std::string_view::npos;
  }
  return false;
}

std::string content_range(const ByteRange& range, std::size_t bytes) {
  std::string line = "Content-Range: bytes ";
  if (range.size == 0) {
    line += '*';
  } else {
    line.append(std::to_string(range.first)).append("-");
    line.append(std::to_string(range.first + range.size - 1));
  }
  return line.append("/").append(std::to_string(bytes)).append("\r\n");
}

// The part that is asked for, where the request may have one: of a GET, and of the very bytes that
// If-Range names (a date never is one of our tags).
std::optional<ByteRange> part_asked_for(const Asset& asset, const Request& request) {
  if (request.method != Method::get) return std::nullopt;
  if (!request.if_range.empty() && request.if_range != asset.tag) return std::nullopt;
  return byte_range(request.range, asset.file.bytes.size());
}

}  // namespace

Assets::Assets(std::span<const EmbeddedFile> files) {
  for (const EmbeddedFile& file : files) {
    assets_.push_back(
        {file, entity_tag(file.bytes), file.gzip.empty() ? std::string() : entity_tag(file.gzip)});
  }
  std::ranges::sort(assets_, {}, [](const Asset& asset) { return asset.file.path; });
}

const Asset* Assets::find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(assets_, path, {},
                                              [](const Asset& asset) { return asset.file.path; });
  return found == assets_.end() || found->file.path != path ? nullptr : &*found;
}

Answer asset_answer(const Asset& asset, const Request& request) {
  const EmbeddedFile& file = asset.file;
  const bool has_gzip = !file.gzip.empty();
  const bool gzip = has_gzip && takes_gzip(request.accept_encoding);
  const std::string& tag = gzip ? asset.gzip_tag : asset.tag;
  Answer answer;
  answer.head_lines.append("ETag: ").append(tag).append("\r\n").append(kHeadLines);
  answer.head_lines.append(has_gzip ? "Vary: Accept-Encoding\r\n" : "Accept-Ranges: bytes\r\n");
  if (names_tag(request.if_none_match, tag)) {
    answer.status = 304;
    return answer;
  }
  answer.lasting_body = gzip ? file.gzip : file.bytes;
  const auto range = has_gzip ? std::nullopt : part_asked_for(asset, request);
  if (range) {
    answer.status = range->size == 0 ? 416 : 206;
    answer.lasting_body = file.bytes.substr(range->first, range->size);
    answer.head_lines += content_range(*range, file.bytes.size());
    if (answer.status == 416) return answer;
  }
  answer.head_lines.append("Content-Type: ").append(file.media_type).append("\r\n");
  if (gzip) answer.head_lines += "Content-Encoding: gzip\r\n";
  return answer;
}

}  // namespace playhead
