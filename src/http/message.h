// A request as endpoints see it, and the answer they give.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace playhead {

enum class Method : std::uint8_t { get, head, post, put, del, patch, options, other };

/// What we use of a request. Borrows from the connection's buffers, until it is answered or put
/// off.
struct Request {
  Method method = Method::other;
  std::string_view target;
  std::string_view path;   // of the target, still percent-encoded
  std::string_view query;  // after '?', still percent-encoded; "" without
  std::string_view authorization;
  std::string_view origin;
  std::string_view if_none_match;
  std::string_view if_range;
  std::string_view range;
  std::string_view accept_encoding;
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view preflight_method;  // Access-Control-Request-Method
  std::string_view body;
  bool keep_alive = true;
  bool http_1_0 = false;
  bool expects_continue = false;
};

enum class ContentType : std::uint8_t { none, json, problem, text, metrics };

/// What an endpoint answers. Head lines that depend on the request (Connection, CORS, Date) are
/// added when it is written.
struct Answer {
  unsigned status = 200;
  ContentType type = ContentType::none;
  std::string body;
  /// In place of `body`: bytes that outlive the server, such as those of the program itself. They
  /// are written from where they are, so a large one costs a slow reader's connection no memory.
  std::string_view lasting_body;
  /// Further complete head lines, each with its CRLF.
  std::string head_lines;
  /// Tells the player when to report next (Playhead-Interval).
  bool steers_player = false;
  bool close = false;
};

inline Answer no_content() {
  Answer answer;
  answer.status = 204;
  return answer;
}

inline Answer json_answer(std::string body) {
  Answer answer;
  answer.type = ContentType::json;
  answer.body = std::move(body);
  return answer;
}

}  // namespace playhead
