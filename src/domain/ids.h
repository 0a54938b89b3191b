// Who and what: the names a caller gives, their limits, and the viewer they make up.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace playhead {

/// OpenID Connect Core §2: a `sub` is at most 255 ASCII characters; we count bytes of UTF-8.
constexpr std::size_t kAccountBytesMax = 255;
constexpr std::size_t kProfileBytesMax = 64;
constexpr std::size_t kVideoIdBytesMax = 128;
constexpr std::size_t kSeriesIdBytesMax = 128;
constexpr std::size_t kSessionBytesMax = 64;
constexpr std::size_t kDeviceBytesMax = 64;

/// A viewer by reference: an account (the token's `sub`) and a profile in it ("" is the account's
/// own). Borrows its strings.
struct ViewerRef {
  std::string_view account;
  std::string_view profile;
  friend auto operator<=>(const ViewerRef&, const ViewerRef&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const ViewerRef& viewer) {
    // By their characters: Debian's absl is built without a hash for std::string_view.
    state = H::combine_contiguous(std::move(state), viewer.account.data(), viewer.account.size());
    state = H::combine_contiguous(std::move(state), viewer.profile.data(), viewer.profile.size());
    return H::combine(std::move(state), viewer.account.size(), viewer.profile.size());
  }
};

/// A viewer that owns its strings.
struct Viewer {
  std::string account;
  std::string profile;
  operator ViewerRef() const { return {account, profile}; }
};

enum class Emptiness { allowed, refused };

/// Checks one id: valid UTF-8 of at most `bytes_max` bytes, with no control character (C0, DEL,
/// C1). The error is `invalid_field` with `pointer`; the same text never passes later.
Result<void> check_id(std::string_view text, std::size_t bytes_max, Emptiness emptiness,
                      std::string_view pointer);

}  // namespace playhead
