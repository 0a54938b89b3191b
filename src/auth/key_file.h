// The signing key: made once and kept in the data folder, or given by configuration.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace playhead {

/// The key in `folder`/token.key, which is made if it is not there: 32 random bytes as base64url
/// and a newline, mode 0600, durable before this returns. Processes that race all return the same
/// key. `folder` must exist, on a file system with hard links. Returns the raw bytes, at least 32
/// (RFC 7518 §3.2). Blocks for two fsyncs when it makes the key: call it at start-up. Errors, all
/// `internal`, which say what to do and never hold the key: a file that group or others may read or
/// write, that is no regular file (also a symbolic link), that holds no base64url or too few bytes,
/// or that cannot be read or made. A retry helps once the operator has acted.
Result<std::string> load_or_make_key(const std::filesystem::path& folder);

/// The raw bytes of a key given as base64url without padding, at least 32 (RFC 7518 §3.2).
/// The error is `invalid_field`, without the text; the same text never passes later.
Result<std::string> decode_key(std::string_view base64url);

}  // namespace playhead
