// From bytes to a status and a body.
#include "load/answer_reader.h"

#include <charconv>
#include <cstring>
#include <optional>

namespace playhead {
namespace {

constexpr std::size_t kHeadBytesMax = 64U << 10U;
constexpr std::size_t kBodyBytesMax = 64U << 20U;
constexpr std::size_t kStatusLineBytes = std::string_view("HTTP/1.1 204").size();

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// The value of a header line if it has this name, which is in lower case.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return std::nullopt;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (lower(line[i]) != name[i]) return std::nullopt;
  }
  line.remove_prefix(name.size() + 1);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

bool same_word(std::string_view given, std::string_view word) {
  if (given.size() != word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(given[i]) != word[i]) return false;
  }
  return true;
}

struct Head {
  unsigned status = 0;
  std::optional<std::size_t> length;
  bool close = false;
};

bool read_status(std::string_view head, Head& out) {
  if (head.size() < kStatusLineBytes || !head.starts_with("HTTP/1.") || head[8] != ' ')
    return false;
  out.close = head[7] == '0';
  const char* first = head.data() + 9;
  const auto [end, wrong] = std::from_chars(first, first + 3, out.status);
  return wrong == std::errc() && end == first + 3 && out.status >= 100;
}

// False where the line makes the answer unreadable.
bool read_line(std::string_view line, Head& out) {
  if (const auto length = value_of(line, "content-length")) {
    std::size_t bytes = 0;
    const auto [end, wrong] =
        std::from_chars(length->data(), length->data() + length->size(), bytes);
    out.length = bytes;
    return wrong == std::errc() && end == length->data() + length->size() && bytes <= kBodyBytesMax;
  }
  if (const auto connection = value_of(line, "connection")) {
    if (same_word(*connection, "close")) out.close = true;
    if (same_word(*connection, "keep-alive")) out.close = false;
  }
  return !value_of(line, "transfer-encoding");
}

bool read_head(std::string_view head, Head& out) {
  if (!read_status(head, out)) return false;
  std::size_t place = head.find("\r\n") + 2;
  while (place < head.size()) {
    const char* start = head.data() + place;
    const auto* end = static_cast<const char*>(std::memchr(start, '\r', head.size() - place));
    const std::size_t size =
        end == nullptr ? head.size() - place : static_cast<std::size_t>(end - start);
    const char first = lower(*start);
    const bool matters = first == 'c' || first == 't';
    if (matters && !read_line({start, size}, out)) return false;
    place += size + 2;
  }
  return true;
}

}  // namespace

AnswerStep read_answer(std::string_view bytes, LoadAnswer& answer) {
  std::size_t used = 0;
  while (true) {
    const std::string_view rest = bytes.substr(used);
    const std::size_t end = rest.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      return rest.size() > kHeadBytesMax ? AnswerStep::broken : AnswerStep::incomplete;
    }
    Head head;
    if (!read_head(rest.substr(0, end + 2), head)) return AnswerStep::broken;
    used += end + 4;
    if (head.status < 200) continue;
    const bool bodiless = head.status == 204 || head.status == 304;
    // Without a length the body would end with the connection, which our server never does.
    if (!bodiless && !head.length) return AnswerStep::broken;
    const std::size_t length = bodiless ? 0 : *head.length;
    if (bytes.size() - used < length) return AnswerStep::incomplete;
    answer = {head.status, bytes.substr(used, length), used + length, head.close};
    return AnswerStep::complete;
  }
}

std::string_view problem_code(std::string_view body) {
  constexpr std::string_view kKey = "\"code\":\"";
  const std::size_t start = body.find(kKey);
  if (start == std::string_view::npos) return {};
  const std::string_view code = body.substr(start + kKey.size());
  const std::size_t end = code.find('"');
  return end == std::string_view::npos ? std::string_view() : code.substr(0, end);
}

}  // namespace playhead
