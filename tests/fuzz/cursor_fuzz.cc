// Cursors: none opens but the one that was sealed, for its viewer, in its one spelling.
#include <algorithm>
#include <string>
#include <string_view>

#include "domain/ids.h"
#include "fuzz/fuzz.h"
#include "query/cursor.h"

namespace playhead::fuzz {
namespace {

const CursorCodec& codec() {
  static const CursorCodec made("a secret of the fuzzer");
  return made;
}

}  // namespace
}  // namespace playhead::fuzz

// Account NUL profile NUL video NUL eight bytes of an instant, then bytes to change the cursor by.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace playhead;
  using namespace playhead::fuzz;
  Input input(data, size);
  const std::string_view account = input.until('\0').substr(0, kAccountBytesMax);
  const std::string_view profile = input.until('\0').substr(0, kProfileBytesMax);
  const std::string_view video_id = input.until('\0').substr(0, kVideoIdBytesMax);
  std::uint64_t ms = 0;
  for (int i = 0; i < 8; ++i) ms = ms << 8U | input.byte();
  const ViewerRef viewer{account, profile};
  const RowPlace place{Instant{static_cast<std::int64_t>(ms >> 1U)}, video_id};

  const std::string cursor = codec().seal(viewer, place);
  require(cursor.size() <= 220, "a cursor is at most 220 bytes");
  const auto opened = codec().open(viewer, cursor);
  require(opened && opened->watched_at == place.watched_at && opened->video_id == video_id,
          "a cursor opens to its place");

  // Another viewer: parts moved over a border, and one byte less.
  const std::string joined = std::string(account) + std::string(profile);
  for (const std::size_t cut : {std::size_t{0}, joined.size() / 2, joined.size()}) {
    const ViewerRef other{std::string_view(joined).substr(0, cut),
                          std::string_view(joined).substr(cut)};
    if (other != viewer) require(!codec().open(other, cursor), "a cursor is of one viewer");
  }

  // Changed in any way, also to another spelling of the same bytes; and anything at all.
  const std::string_view change = input.rest();
  std::string changed = cursor;
  for (std::size_t i = 0; i + 1 < change.size(); i += 2) {
    changed[static_cast<std::uint8_t>(change[i]) % changed.size()] = change[i + 1];
  }
  if (changed != cursor) require(!codec().open(viewer, changed), "a changed cursor is refused");
  const std::string cut = cursor.substr(0, change.size() % cursor.size());
  require(!codec().open(viewer, cut), "a cut cursor is refused");
  require(!codec().open(viewer, cursor + std::string(change.substr(0, 1)) + "="), "so is a longer");
  // The fuzzer learns whole cursors from comparisons: what opens is what is sealed, to the letter.
  const auto forged = codec().open(viewer, change);
  require(!forged || codec().seal(viewer, *forged) == change, "a forged cursor is refused");
  return 0;
}
