// Targets and hosts, character by character.
#include "http/request_target.h"

#include <algorithm>
#include <array>

#include <boost/beast/core/string.hpp>

namespace playhead {
namespace {

bool decimal(char c) {
  return c >= '0' && c <= '9';
}

bool letter_or_digit(char c) {
  return decimal(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr std::string_view kNameMarks = "-._~!$&'()*+,;=%";  // RFC 3986: reg-name
// Of a target also these. Browsers leave the last seven as they are in a query (URL standard); what
// ends a target for one reader and not for another ('#', '\\', quotes, bytes past ASCII) is
// refused.
constexpr std::string_view kTargetMarks = "-._~!$&'()*+,;=%:@/?[]{}|^`";

constexpr std::array<bool, 256> characters(std::string_view marks) {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c) {
    table[static_cast<std::size_t>(c)] =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  for (const char mark : marks) table[static_cast<unsigned char>(mark)] = true;
  return table;
}
constexpr std::array<bool, 256> kNameCharacters = characters(kNameMarks);
constexpr std::array<bool, 256> kTargetCharacters = characters(kTargetMarks);

bool all_in(std::string_view text, const std::array<bool, 256>& table) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return table[static_cast<unsigned char>(c)]; });
}

}  // namespace

// An http URI's host is not empty (RFC 9110 §4.2.1).
bool is_host(std::string_view text) {
  std::string_view name = text.substr(0, text.find(':'));
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || end < 2) return false;
    name = text.substr(0, end + 1);
    const std::string_view address = name.substr(1, end - 1);
    if (!std::all_of(address.begin(), address.end(),
                     [](char c) { return letter_or_digit(c) || c == ':' || c == '.'; })) {
      return false;
    }
  } else if (!all_in(name, kNameCharacters)) {
    return false;
  }
  const std::string_view port = text.substr(name.size());
  return !name.empty() && port.size() <= 6 && (port.empty() || port.front() == ':') &&
         std::all_of(port.begin() + (port.empty() ? 0 : 1), port.end(), decimal);
}

TargetParts split_target_of(std::string_view target, Method method) {
  std::string_view rest = target;
  // RFC 9112 §3.2.2: a whole URI is as good; whom it names is not ours to know, as with Host.
  if (!rest.empty() && rest.front() != '/' && rest.front() != '*') {
    const std::size_t path = std::min(rest.find_first_of("/?", rest.find("//") + 2), rest.size());
    rest.remove_prefix(path);
    if (rest.empty()) return {method == Method::options ? "*" : "/", ""};
    if (rest.front() == '?') return {"/", rest.substr(1)};
  }
  const std::size_t mark = rest.find('?');
  return {rest.substr(0, mark), mark == std::string_view::npos ? "" : rest.substr(mark + 1)};
}

const char* what_is_wrong_with_target(std::string_view target, Method method) {
  if (!all_in(target, kTargetCharacters)) {
    return "the target holds what must be percent-encoded";
  }
  if (target.front() == '/' || (target == "*" && method == Method::options)) return nullptr;
  const std::size_t scheme = target.find("://");
  const std::string_view name = target.substr(0, std::min(scheme, target.size()));
  if (boost::beast::iequals(name, "http") || boost::beast::iequals(name, "https")) {
    const std::string_view rest = target.substr(std::min(scheme + 3, target.size()));
    if (scheme != std::string_view::npos && is_host(rest.substr(0, rest.find_first_of("/?")))) {
      return nullptr;
    }
  }
  return "the target must be a path or an http URI";
}

}  // namespace playhead
