// Requests as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load/options.h"
#include "load/planned_request.h"

namespace playhead {

/// The account of viewer `number` of a load run: "load-0000042".
std::string load_account(std::uint32_t number);
/// "video-000017".
std::string load_video(std::uint32_t video);

/// Writes the requests of one loop's viewers. Holds their tokens, one after another in one string:
/// about 170 bytes a viewer. Not thread safe.
class RequestWriter {
 public:
  /// Viewer i of this loop is number `first + i * stride`. `run` sets the sessions of this run
  /// apart from those of every other, whose sequence numbers would make ours duplicates.
  RequestWriter(const LoadTarget& target, std::uint32_t run, std::uint32_t viewers,
                std::uint32_t first, std::uint32_t stride, const TokenOf& token_of);

  /// Replaces `out` with the bytes of the request.
  void write(const PlannedRequest& request, std::string& out);

 private:
  std::string_view token(std::uint32_t viewer) const;
  void write_body(const PlannedRequest& request);

  std::string host_line_;
  std::string run_;
  std::uint32_t first_;
  std::uint32_t stride_;
  std::string tokens_;
  std::vector<std::size_t> ends_;
  std::string body_;
};

}  // namespace playhead
