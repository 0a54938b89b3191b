// Cursors: what is sealed opens for its viewer, and nothing else does.
#include "query/cursor.h"

#include <gtest/gtest.h>

namespace playhead {
namespace {

constexpr ViewerRef kAlice{"alice", "kids"};

TEST(Cursor, OpensToThePlaceItWasSealedWith) {
  const CursorCodec codec("secret");
  const auto place = codec.open(kAlice, codec.seal(kAlice, {Instant{1'795'447'105'197}, "ep-42"}));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->watched_at, Instant{1'795'447'105'197});
  EXPECT_EQ(place->video_id, "ep-42");
}

TEST(Cursor, IsOpaqueAndFitsAUrl) {
  const CursorCodec codec("secret");
  const std::string cursor = codec.seal(kAlice, {Instant{INT64_MAX}, std::string(128, 'v')});
  EXPECT_LE(cursor.size(), 220U);
  EXPECT_EQ(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_"),
            std::string::npos);
}

TEST(Cursor, EveryChangedCharacterIsRefused) {
  const CursorCodec codec("secret");
  const std::string cursor = codec.seal(kAlice, {Instant{12}, "ep-42"});
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    std::string forged = cursor;
    forged[i] = forged[i] == 'A' ? 'Q' : 'A';  // differs in bits that count in every place
    EXPECT_FALSE(codec.open(kAlice, forged)) << i;
    EXPECT_FALSE(codec.open(kAlice, cursor.substr(0, i))) << i;
  }
  EXPECT_FALSE(codec.open(kAlice, std::string(10'000, 'A')));
}

// Also the bits of the last character that no byte uses, and padding: one cursor, one spelling.
TEST(Cursor, EveryFlippedBitIsRefused) {
  const CursorCodec codec("secret");
  for (const char* video_id : {"ep-4", "ep-42", "ep-421"}) {
    const std::string cursor = codec.seal(kAlice, {Instant{12}, video_id});
    for (std::size_t bit = 0; bit < 8 * cursor.size(); ++bit) {
      std::string forged = cursor;
      forged[bit / 8] = static_cast<char>(forged[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(codec.open(kAlice, forged)) << forged;
    }
    for (const char* more : {"=", "==", " ", "\n", "A"}) {
      EXPECT_FALSE(codec.open(kAlice, cursor + more)) << more;
    }
  }
}

TEST(Cursor, IsOfOneViewerAndOneSecret) {
  const CursorCodec codec("secret");
  const std::string cursor = codec.seal(kAlice, {Instant{12}, "ep-42"});
  EXPECT_FALSE(codec.open({"alice", ""}, cursor));
  EXPECT_FALSE(codec.open({"alicek", "ids"}, cursor));
  EXPECT_FALSE(CursorCodec("other").open(kAlice, cursor));
}

}  // namespace
}  // namespace playhead
