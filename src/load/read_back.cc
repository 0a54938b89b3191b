// Batches of GETs, and what they must hold.
#include "load/read_back.h"

#include <chrono>
#include <span>
#include <thread>
#include <unordered_map>

#include <boost/json.hpp>

#include "load/request_writer.h"
#include "load/simple_client.h"

namespace playhead {
namespace {

// What the API takes at once.
constexpr std::size_t kVideosMax = 100;
// Requests that are sent before their answers are read.
constexpr std::size_t kWindow = 16;
constexpr std::size_t kListedMax = 10;
constexpr int kTriesMax = 10;
constexpr std::chrono::milliseconds kRest{300};

using Group = std::span<const Promise>;

// Of one viewer, at most kVideosMax.
std::vector<Group> groups_of(const std::vector<Promise>& promises) {
  std::vector<Group> groups;
  std::size_t start = 0;
  for (std::size_t i = 1; i <= promises.size(); ++i) {
    const bool goes_on = i < promises.size() && promises[i].viewer == promises[start].viewer &&
                         i - start < kVideosMax;
    if (goes_on) continue;
    groups.push_back(Group(promises).subspan(start, i - start));
    start = i;
  }
  return groups;
}

std::string request_for(const LoadTarget& target, const TokenOf& token_of, Group group) {
  std::string request = "GET /v1/progress?";
  for (const Promise& promise : group) request += "video_id=" + load_video(promise.video) + '&';
  request.pop_back();
  return request + " HTTP/1.1\r\nHost: " + target.host + "\r\nAuthorization: Bearer " +
         token_of(group.front().viewer) + "\r\n\r\n";
}

// Position by video of a list of resume points; nothing where it is none.
std::optional<std::unordered_map<std::string, std::int64_t>> positions_in(const std::string& body) {
  boost::system::error_code error;
  const auto parsed = boost::json::parse(body, error);
  const auto* object = error ? nullptr : parsed.if_object();
  const auto* items = object == nullptr ? nullptr : object->if_contains("items");
  if (items == nullptr || !items->is_array()) return std::nullopt;
  std::unordered_map<std::string, std::int64_t> positions;
  for (const auto& item : items->get_array()) {
    const auto* point = item.if_object();
    const auto* video = point == nullptr ? nullptr : point->if_contains("video_id");
    const auto* position = point == nullptr ? nullptr : point->if_contains("position_ms");
    if (video == nullptr || position == nullptr || !video->is_string() || !position->is_int64()) {
      continue;
    }
    positions[std::string(video->get_string())] = position->get_int64();
  }
  return positions;
}

void check(Group group, const std::unordered_map<std::string, std::int64_t>& positions,
           ReadBack& result) {
  for (const Promise& promise : group) {
    const auto found = positions.find(load_video(promise.video));
    if (found != positions.end() && found->second >= promise.position_ms) {
      ++result.kept;
      continue;
    }
    BrokenPromise broken{promise, std::nullopt};
    if (found == positions.end()) {
      ++result.missing;
    } else {
      ++result.older;
      broken.found_ms = found->second;
    }
    if (result.broken.size() < kListedMax) result.broken.push_back(broken);
  }
}

// Asks for up to kWindow groups; gives those back that the server was too busy for.
Result<std::vector<Group>> ask(SimpleClient& client, const LoadTarget& target,
                               const TokenOf& token_of, std::span<const Group> groups,
                               ReadBack& result) {
  std::string requests;
  for (const Group group : groups) requests += request_for(target, token_of, group);
  if (auto sent = client.send(requests); !sent) return tl::unexpected(sent.error());
  std::vector<Group> again;
  for (const Group group : groups) {
    const auto answer = client.receive();
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status == 503 || answer->status == 429) {
      again.push_back(group);
      continue;
    }
    const auto positions = answer->status == 200 ? positions_in(answer->body) : std::nullopt;
    if (!positions) {
      return fail(ErrorCode::internal, "reading back was answered " +
                                           std::to_string(answer->status) + ": " +
                                           answer->body.substr(0, 300));
    }
    check(group, *positions, result);
  }
  return again;
}

}  // namespace

std::string ReadBack::text() const {
  std::string text = "verified " + std::to_string(kept + missing + older) +
                     " acknowledged positions: " + std::to_string(missing) + " missing, " +
                     std::to_string(older) + " older than acknowledged\n";
  for (const BrokenPromise& one : broken) {
    text += "  " + load_account(one.promise.viewer) + ' ' + load_video(one.promise.video) +
            ": acknowledged " + std::to_string(one.promise.position_ms) + " ms, found " +
            (one.found_ms ? std::to_string(*one.found_ms) + " ms" : std::string("nothing")) + '\n';
  }
  if (missing + older > broken.size()) text += "  and others\n";
  return text;
}

Result<ReadBack> read_back(const LoadTarget& target, const TokenOf& token_of,
                           const std::vector<Promise>& promises) {
  ReadBack result;
  std::vector<Group> groups = groups_of(promises);
  for (int tries = 0; !groups.empty(); ++tries) {
    if (tries == kTriesMax) {
      return fail(ErrorCode::internal, "the server is too busy to be read back; try " +
                                           std::string("--verify-only later"));
    }
    if (tries > 0) std::this_thread::sleep_for(kRest);
    SimpleClient client;
    if (auto opened = client.open(target.address); !opened) return tl::unexpected(opened.error());
    std::vector<Group> again;
    for (std::size_t i = 0; i < groups.size(); i += kWindow) {
      const std::size_t size = std::min(kWindow, groups.size() - i);
      auto busy = ask(client, target, token_of, std::span(groups).subspan(i, size), result);
      if (!busy) return tl::unexpected(busy.error());
      again.insert(again.end(), busy->begin(), busy->end());
    }
    groups = std::move(again);
  }
  return result;
}

}  // namespace playhead
