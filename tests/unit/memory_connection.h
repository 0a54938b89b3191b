// A connection without a socket: it is given its input in pieces, and its answers are kept.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/error.hpp>

#include "http/connection.h"

namespace playhead::testing_only {

/// What goes into a connection, and how slowly its client reads.
struct Script {
  std::vector<std::string_view> pieces;
  std::size_t write_bytes_max = static_cast<std::size_t>(-1);
};

/// Reads its script's pieces, one each time it is readable, then the end; keeps each answer.
class MemoryConnection final : public Connection {
 public:
  MemoryConnection(EventLoop& loop, const Router& router, const Script& script)
      : Connection(loop, router), script_(script) {}

  /// Does the next thing that the connection waits for; false where there is none.
  bool step() {
    if (ended_) return false;
    if (wants_write_) {
      wants_write_ = false;
      on_writable({});
      return true;
    }
    if (!wants_read_) return false;
    wants_read_ = false;
    if (offset_ == 0 && next_ == script_.pieces.size()) at_end_ = true;
    on_readable({});
    return true;
  }
  bool ended() const { return ended_; }

  /// Whole answers in their order, without interim ones.
  std::vector<std::string> answers;

 private:
  std::size_t read_some(char* into, std::size_t bytes_max, ErrorCodeRef error) override {
    if (next_ == script_.pieces.size()) {
      error = at_end_ ? boost::asio::error::make_error_code(boost::asio::error::eof)
                      : boost::asio::error::make_error_code(boost::asio::error::would_block);
      return 0;
    }
    const std::string_view piece = script_.pieces[next_].substr(offset_);
    const std::size_t size = piece.copy(into, bytes_max);
    offset_ += size;
    if (size == piece.size()) {
      ++next_;
      offset_ = 0;
    }
    return size;
  }
  std::size_t write_some(std::string_view bytes, ErrorCodeRef error) override {
    constexpr std::string_view kInterim = "HTTP/1.1 100 ";
    if (bytes.substr(0, kInterim.size()) == kInterim) return bytes.size();
    if (!in_answer_) answers.emplace_back();
    const std::size_t size = std::min(bytes.size(), script_.write_bytes_max);
    answers.back().append(bytes.substr(0, size));
    in_answer_ = size < bytes.size();
    if (in_answer_) error = boost::asio::error::would_block;
    return size;
  }
  void when_readable() override { wants_read_ = true; }
  void when_writable() override { wants_write_ = true; }
  void end_sending(ErrorCodeRef) override {}
  void end() override { ended_ = true; }

  const Script& script_;
  std::size_t next_ = 0;
  std::size_t offset_ = 0;
  bool in_answer_ = false;
  bool wants_read_ = false;
  bool wants_write_ = false;
  bool at_end_ = false;
  bool ended_ = false;
};

}  // namespace playhead::testing_only
