// Text made by appending: no format is parsed while the load runs.
#include "load/request_writer.h"

#include <array>
#include <charconv>

#include "load/viewers.h"

namespace playhead {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end);
}

void append_padded(std::string& out, std::uint32_t value, unsigned digits) {
  std::uint32_t bound = 1;
  for (unsigned i = 1; i < digits; ++i) bound *= 10;
  for (; value < bound && bound > 1; bound /= 10) out.push_back('0');
  append_number(out, value);
}

void append_video(std::string& out, std::uint32_t video) {
  out.append("video-");
  append_padded(out, video, 6);
}

std::string_view event_name(Event event) {
  switch (event) {
    case Event::tick:
      return "tick";
    case Event::play:
      return "play";
    case Event::pause:
      return "pause";
    case Event::seek:
      return "seek";
    case Event::stop:
      return "stop";
    case Event::ended:
      return "ended";
  }
  return "tick";
}

constexpr std::array<std::string_view, 4> kDevices = {"tv", "web", "phone", "tablet"};

}  // namespace

std::string load_account(std::uint32_t number) {
  std::string account = "load-";
  append_padded(account, number, 7);
  return account;
}

std::string load_video(std::uint32_t video) {
  std::string name;
  append_video(name, video);
  return name;
}

RequestWriter::RequestWriter(const LoadTarget& target, std::uint32_t run, std::uint32_t viewers,
                             std::uint32_t first, std::uint32_t stride, const TokenOf& token_of)
    : host_line_(" HTTP/1.1\r\nHost: " + target.host + "\r\nAuthorization: Bearer "),
      first_(first),
      stride_(stride) {
  append_number(run_, run);
  run_ += '-';
  ends_.reserve(viewers);
  for (std::uint32_t i = 0; i < viewers; ++i) {
    tokens_ += token_of(first + i * stride);
    ends_.push_back(tokens_.size());
  }
}

std::string_view RequestWriter::token(std::uint32_t viewer) const {
  const std::size_t start = viewer == 0 ? 0 : ends_[viewer - 1];
  return std::string_view(tokens_).substr(start, ends_[viewer] - start);
}

void RequestWriter::write_body(const PlannedRequest& request) {
  body_.assign("{\"video_id\":\"");
  append_video(body_, request.video);
  body_.append("\",\"position_ms\":");
  append_number(body_, request.position_ms);
  body_.append(",\"duration_ms\":");
  append_number(body_, title_duration_ms(request.video));
  body_.append(",\"event\":\"").append(event_name(request.event));
  body_.append("\",\"session\":\"").append(run_);
  append_number(body_, first_ + request.viewer * stride_);
  body_.push_back('-');
  append_number(body_, request.session);
  body_.append("\",\"seq\":");
  append_number(body_, request.seq);
  body_.append(",\"device\":\"").append(kDevices[request.viewer % kDevices.size()]).append("\"}");
}

void RequestWriter::write(const PlannedRequest& request, std::string& out) {
  switch (request.route) {
    case LoadRoute::report:
      write_body(request);
      out.assign("POST /v1/progress").append(host_line_).append(token(request.viewer));
      out.append("\r\nContent-Type: application/json\r\nContent-Length: ");
      append_number(out, body_.size());
      out.append("\r\n\r\n").append(body_);
      return;
    case LoadRoute::row:
      out.assign("GET /v1/keep-watching");
      break;
    case LoadRoute::resume_point:
      out.assign("GET /v1/progress/");
      append_video(out, request.video);
      break;
  }
  out.append(host_line_).append(token(request.viewer)).append("\r\n\r\n");
}

}  // namespace playhead
