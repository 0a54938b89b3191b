// Reading one request: Beast's parser, kept strict, without an allocation for one that came whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "base/error.h"
#include "http/message.h"

namespace playhead {

struct ParserLimits {
  std::size_t header_bytes_max = 8U << 10U;
  std::size_t body_bytes_max = 64U << 10U;
};

/// Parses one request from bytes as they come. A request that came in one piece is never copied: it
/// borrows from the bytes fed. Between two feeds, what it borrowed is taken over.
class RequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(const ParserLimits& limits);

  enum class Step : std::uint8_t { needs_more, header_done, complete };

  /// Feeds bytes; says how far it came and how many it used. It stops once after the header, so
  /// that the caller can refuse before a body is read. After an error the connection cannot be read
  /// on.
  struct Fed {
    Step step = Step::needs_more;
    std::size_t used = 0;
  };
  Result<Fed> feed(std::string_view bytes);

  /// Valid from header_done on; its body from complete on.
  const Request& request() const { return request_; }

  bool header_done() const { return header_told_; }

  /// The body's length as announced; nullopt for a chunked one.
  std::optional<std::uint64_t> announced_body() const { return announced_body_; }
  void limit_body(std::size_t bytes_max) { body_bytes_max_ = bytes_max; }

 private:
  using Base = boost::beast::http::basic_parser<true>;
  using ErrorRef = boost::beast::error_code&;
  using Text = boost::beast::string_view;
  using Length = const boost::optional<std::uint64_t>&;

  void on_request_impl(boost::beast::http::verb method, Text name, Text target, int version,
                       ErrorRef error) override;
  void on_response_impl(int, Text, int, ErrorRef) override {}
  void on_field_impl(boost::beast::http::field name, Text text, Text value,
                     ErrorRef error) override;
  void on_header_impl(ErrorRef error) override;
  void on_body_init_impl(Length length, ErrorRef error) override;
  std::size_t on_body_impl(Text body, ErrorRef error) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, ErrorRef error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, Text body, ErrorRef error) override;
  void on_finish_impl(ErrorRef) override {}

  void refuse(ErrorCode code, const char* detail, ErrorRef error);
  void keep_body(std::string_view part, ErrorRef error);
  void take_over();
  void check_value_place(Text name, Text value, ErrorRef error);
  void split_target();
  tl::unexpected<Error> error_of(const boost::beast::error_code& error,
                                 std::string_view rest) const;

  std::size_t header_bytes_max_;
  std::size_t body_bytes_max_;
  std::size_t header_bytes_ = 0;
  /// Where the chunk's head, with the end of the chunk before it, starts in what is being fed.
  const char* chunk_head_ = nullptr;
  bool chunk_head_read_ = false;
  bool request_line_seen_ = false;
  bool header_told_ = false;
  int version_ = 11;
  bool host_seen_ = false;
  bool length_seen_ = false;
  bool close_asked_ = false;
  std::optional<std::uint64_t> announced_body_;
  std::optional<Error> refusal_;
  Request request_;
  std::string head_storage_;
  std::string body_storage_;
};

}  // namespace playhead
