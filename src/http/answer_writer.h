// An answer as bytes.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "http/cors.h"
#include "http/message.h"

namespace playhead {

/// Serializes answers into a buffer that is used again. The lines that are the same for every
/// answer of a second are built once. One thread.
class AnswerWriter {
 public:
  AnswerWriter(const Cors& cors, unsigned playhead_interval_s);

  /// The Date of the answers that follow.
  void set_date(std::time_t now);

  /// What of the request the answer's head depends on.
  struct Context {
    std::string_view allowed_origin;  // Cors::allowed
    bool head_only = false;
    bool close = false;
    bool old_client = false;  // HTTP/1.0 wants to be told that the connection stays
  };
  /// Appends the whole answer to `out`, but for a lasting body.
  void append(const Answer& answer, const Context& context, std::string& out) const;

 private:
  const Cors& cors_;
  std::string date_line_;
  std::string interval_line_;
};

}  // namespace playhead
