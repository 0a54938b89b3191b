// Base64url without padding (RFC 4648 §5), as strictly as RFC 7515 §2 asks for it.
#pragma once

#include <string>
#include <string_view>

namespace playhead {

/// True if every byte is one of [A-Za-z0-9_-]; true for "". About 1 ns a byte.
bool is_base64url(std::string_view text);

/// Decodes into `bytes`, whose memory it reuses; false if `text` is not what an encoder writes: any
/// other byte (also '=' and white space), a length of 4n+1, or unused bits that are not zero. Each
/// value thus has one spelling only. On false `bytes` holds nothing of use.
bool decode_base64url(std::string_view text, std::string& bytes);

/// Encodes any bytes, without padding: 4 characters for 3 bytes.
std::string encode_base64url(std::string_view bytes);

}  // namespace playhead
