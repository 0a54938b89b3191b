// Writing answers.
#include "http/answer_writer.h"

#include <array>

namespace playhead {
namespace {

std::string_view status_line(unsigned status) {
  switch (status) {
    case 200:
      return "HTTP/1.1 200 OK\r\n";
    case 204:
      return "HTTP/1.1 204 No Content\r\n";
    case 206:
      return "HTTP/1.1 206 Partial Content\r\n";
    case 304:
      return "HTTP/1.1 304 Not Modified\r\n";
    case 400:
      return "HTTP/1.1 400 Bad Request\r\n";
    case 401:
      return "HTTP/1.1 401 Unauthorized\r\n";
    case 404:
      return "HTTP/1.1 404 Not Found\r\n";
    case 405:
      return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 408:
      return "HTTP/1.1 408 Request Timeout\r\n";
    case 413:
      return "HTTP/1.1 413 Content Too Large\r\n";
    case 414:
      return "HTTP/1.1 414 URI Too Long\r\n";
    case 415:
      return "HTTP/1.1 415 Unsupported Media Type\r\n";
    case 416:
      return "HTTP/1.1 416 Range Not Satisfiable\r\n";
    case 422:
      return "HTTP/1.1 422 Unprocessable Content\r\n";
    case 429:
      return "HTTP/1.1 429 Too Many Requests\r\n";
    case 431:
      return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case 503:
      return "HTTP/1.1 503 Service Unavailable\r\n";
    case 505:
      return "HTTP/1.1 505 HTTP Version Not Supported\r\n";
    default:
      return "HTTP/1.1 500 Internal Server Error\r\n";
  }
}

std::string_view content_type_line(ContentType type) {
  switch (type) {
    case ContentType::none:
      return "";
    case ContentType::json:
      return "Content-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n";
    case ContentType::problem:
      return "Content-Type: application/problem+json\r\nX-Content-Type-Options: nosniff\r\n";
    case ContentType::text:
      return "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n";
    case ContentType::metrics:
      return "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n";
  }
  return "";
}

bool has_length(unsigned status) {
  return status != 204 && status != 304;
}

}  // namespace

AnswerWriter::AnswerWriter(const Cors& cors, unsigned playhead_interval_s) : cors_(cors) {
  interval_line_ = "Playhead-Interval: " + std::to_string(playhead_interval_s) + "\r\n";
  set_date(0);
}

void AnswerWriter::set_date(std::time_t now) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  // RFC 9110 §5.6.7. The program never leaves the C locale, so the names are English.
  std::array<char, 64> line{};
  const std::size_t size =
      std::strftime(line.data(), line.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
  date_line_.assign(line.data(), size);
}

void AnswerWriter::append(const Answer& answer, const Context& context, std::string& out) const {
  out.append(status_line(answer.status));
  out.append(date_line_);
  out.append(content_type_line(answer.type));
  if (has_length(answer.status)) {
    const std::size_t body_size = answer.body.size() + answer.lasting_body.size();
    out.append("Content-Length: ").append(std::to_string(body_size)).append("\r\n");
  }
  if (answer.steers_player) out.append(interval_line_);
  out.append(answer.head_lines);
  cors_.append_head_lines(context.allowed_origin, out);
  if (context.close) {
    out.append("Connection: close\r\n");
  } else if (context.old_client) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
  if (!context.head_only && has_length(answer.status)) out.append(answer.body);
}

}  // namespace playhead
