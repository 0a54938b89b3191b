// Asks the server for everything it has acknowledged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "load/acknowledged.h"
#include "load/options.h"

namespace playhead {

/// A promise that was not kept: nothing is stored, or an older position.
struct BrokenPromise {
  Promise promise;
  std::optional<std::int64_t> found_ms;
};

struct ReadBack {
  std::uint64_t kept = 0;
  std::uint64_t missing = 0;
  std::uint64_t older = 0;
  /// The first few that were broken.
  std::vector<BrokenPromise> broken;

  bool good() const { return missing + older == 0; }
  /// A sentence, and a line for each that is listed.
  std::string text() const;
};

/// Reads every promised resume point, up to 100 videos a request, over one connection. `promises`
/// are sorted. A server that is too busy is asked again some times. The error says what kept it
/// from reading.
Result<ReadBack> read_back(const LoadTarget& target, const TokenOf& token_of,
                           const std::vector<Promise>& promises);

}  // namespace playhead
