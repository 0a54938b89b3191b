// Samples.
#include "micro/samples.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "command/report_decoder.h"
#include "store/rocksdb/options.h"
#include "unit/auth_tokens.h"

namespace playhead::bench {
namespace {

// A copy with room behind it. Not `reserve`: g++ 12 warns of an impossible size there.
std::string padded(std::string_view body) {
  std::string room(body.size() + kBodyPaddingBytes, ' ');
  body.copy(room.data(), body.size());
  room.resize(body.size());
  return room;
}

void apply(Store& store, const Batch& batch) {
  if (!store.apply(batch)) std::abort();
}

}  // namespace

std::string short_report() {
  return padded(R"({"video_id": "video-000042", "position_ms": 754000, "duration_ms": 2640000, )"
                R"("session": "3f9a0c41", "seq": 17}    )");
}

std::string full_report() {
  return padded(
      R"({"video_id": "ep-42", "position_ms": 754000, "duration_ms": 2640000, "event": "tick",)"
      R"( "age_ms": 0, "session": "k3J9", "seq": 17, "profile": "kids", "device": "tv",)"
      R"( "series": {"id": "s-7", "season": 2, "episode": 3}, "credits_ms": 2520000,)"
      R"( "private": false})");
}

std::vector<std::string> some_accounts(std::int64_t count) {
  std::vector<std::string> accounts;
  for (std::int64_t i = 0; i < count; ++i) {
    accounts.push_back("viewer-" + std::to_string(100'000 + i));
  }
  return accounts;
}

std::string video_id(std::size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "video-%06zu", number);
  return text;
}

Record tick_delta(Instant at, std::int64_t position_ms, std::string_view session) {
  Record delta;
  Playhead& playhead = delta.playhead.emplace();
  playhead.at = at;
  playhead.session = session;
  playhead.seq = 17;
  playhead.position_ms = position_ms;
  playhead.duration_ms = kDurationMs;
  playhead.device = "tv";
  delta.furthest = Furthest{position_ms, std::nullopt, at};
  return delta;
}

std::string token_of(std::string_view account) {
  const std::string filler(112, 'j');
  const std::int64_t expires_s = SystemClock().now().ms / kSecondMs + 86'400;
  return sign(kHs256Header, R"({"sub":")" + std::string(account) + R"(","exp":)" +
                                std::to_string(expires_s) + R"(,"jti":")" + filler + R"("})");
}

std::string report_request(std::string_view token) {
  const std::string body = short_report();
  return padded("POST /v1/progress HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " +
                std::string(token) + "\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
}

void StoreFolder::open() {
  rocks::Tuning tuning;
  tuning.hot_viewers_bytes = 0;  // what is measured is the database
  tuning.sync = false;
  auto opened = rocks::RocksStore::open(folder_.path(), tuning, clock_, log_);
  if (!opened) std::abort();
  store_ = std::move(*opened);
}

void StoreFolder::fill(std::size_t count) {
  Batch batch;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(video_id(i));
  const Instant now = clock_.now();
  for (std::size_t i = 0; i < count; ++i) {
    const Instant at{now.ms - static_cast<std::int64_t>(count - i) * kHourMs};
    batch.writes.push_back({kViewer, ids[i], tick_delta(at, kPositionMs, "3f9a0c41")});
  }
  apply(*store_, batch);
}

void StoreFolder::watch(std::string_view video, std::size_t ticks) {
  const Instant now = clock_.now();
  for (std::size_t i = 0; i < ticks; ++i) {
    const auto tick = static_cast<std::int64_t>(i);
    const Instant at{now.ms - static_cast<std::int64_t>(ticks - i) * 10 * kSecondMs};
    Batch batch;
    batch.writes.push_back({kViewer, video, tick_delta(at, 130'000 + tick * 3'000, "3f9a0c41")});
    apply(*store_, batch);
  }
}

}  // namespace playhead::bench
