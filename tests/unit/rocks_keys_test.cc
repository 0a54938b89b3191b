// The keys of the embedded store, against bytes written by hand from docs/formats/rocksdb.md.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "store/rocksdb/keys.h"

namespace playhead::rocks {
namespace {

std::string key_of(ViewerRef viewer, std::string_view video_id) {
  std::string key;
  record_key(viewer, video_id, key);
  return key;
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// Ids that are likely to be prefixes of one another, or to look like a length or a kind.
rc::Gen<std::string> any_id(std::size_t bytes_min, std::size_t bytes_max) {
  const auto byte =
      rc::gen::weightedOneOf<char>({{8, rc::gen::element('a', 'b', 'v', '\x01', '\x02', '\x76')},
                                    {1, rc::gen::cast<char>(rc::gen::inRange(0, 256))}});
  const auto size = rc::gen::weightedOneOf<std::size_t>(
      {{8, rc::gen::inRange<std::size_t>(bytes_min, 5)},
       {1, rc::gen::inRange<std::size_t>(bytes_min, bytes_max + 1)}});
  return rc::gen::mapcat(
      size, [byte](std::size_t n) { return rc::gen::container<std::string>(n, byte); });
}

struct Title {
  std::string account;
  std::string profile;
  std::string video_id;
  ViewerRef viewer() const { return {account, profile}; }
  std::string key() const { return key_of(viewer(), video_id); }
  friend bool operator==(const Title&, const Title&) = default;
};

rc::Gen<Title> any_title() {
  return rc::gen::build<Title>(rc::gen::set(&Title::account, any_id(1, kAccountBytesMax)),
                               rc::gen::set(&Title::profile, any_id(0, kProfileBytesMax)),
                               rc::gen::set(&Title::video_id, any_id(1, kVideoIdBytesMax)));
}

// A title that shares with another what a mistake would confuse: the same id, one that begins with
// it, or the next part's bytes behind it.
rc::Gen<Title> any_neighbour(const Title& of) {
  const auto near = [](const std::string& id, const std::string& next, std::size_t bytes_min,
                       std::size_t bytes_max) {
    const auto cut = [=](const std::string& text) { return text.substr(0, bytes_max); };
    return rc::gen::oneOf(rc::gen::just(id), rc::gen::just(cut(id + next)),
                          rc::gen::just(cut(id + '\x01' + next)), any_id(bytes_min, bytes_max));
  };
  return rc::gen::build<Title>(
      rc::gen::set(&Title::account, near(of.account, of.profile, 1, kAccountBytesMax)),
      rc::gen::set(&Title::profile, near(of.profile, of.video_id, 0, kProfileBytesMax)),
      rc::gen::set(&Title::video_id, near(of.video_id, of.account, 1, kVideoIdBytesMax)));
}

TEST(RocksKeys, AreTheBytesOfTheDocument) {
  // 05 "alice" 04 "kids" 76 "ep-42"
  EXPECT_EQ(key_of({"alice", "kids"}, "ep-42"), "\5alice\4kidsvep-42");
  EXPECT_EQ(key_of({"alice", ""}, "ep-42"), std::string_view("\5alice\0vep-42", 13));
  EXPECT_EQ(account_prefix("alice"), "\5alice");
  EXPECT_EQ(viewer_prefix({"alice", "kids"}), "\5alice\4kids");
  EXPECT_EQ(record_prefix({"alice", "kids"}), "\5alice\4kidsv");
}

TEST(RocksKeys, HoldIdsAtTheirLimits) {
  const std::string account(kAccountBytesMax, '\xFF');
  const std::string profile(kProfileBytesMax, '\xFF');
  const std::string video_id(kVideoIdBytesMax, '\xFF');
  const std::string key = key_of({account, profile}, video_id);
  EXPECT_EQ(key.size(), 1 + 255 + 1 + 64 + 1 + 128U);
  EXPECT_EQ(key[0], '\xFF');
  EXPECT_EQ(key[256], '\x40');
  const auto read = parse_record_key(key);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->viewer, (ViewerRef{account, profile}));
  EXPECT_EQ(read->video_id, video_id);
}

TEST(RocksKeys, ClearTheStringTheyAreWrittenTo) {
  std::string key = "what was there";
  record_key({"a", ""}, "b", key);
  EXPECT_EQ(key, key_of({"a", ""}, "b"));
}

TEST(RocksKeys, NameAnErasureByAccountOrViewer) {
  EXPECT_EQ(erasure_key("alice", std::nullopt), account_prefix("alice"));
  EXPECT_EQ(erasure_key("alice", "kids"), viewer_prefix({"alice", "kids"}));
  // The account's own profile alone is not the whole account.
  EXPECT_EQ(erasure_key("alice", ""), viewer_prefix({"alice", ""}));
  EXPECT_NE(erasure_key("alice", ""), erasure_key("alice", std::nullopt));
}

TEST(RocksKeys, RefuseBytesThatAreNoRecordKey) {
  const std::string key = key_of({"alice", "kids"}, "ep-42");
  const std::size_t prefix = record_prefix({"alice", "kids"}).size();
  for (std::size_t size = 0; size < prefix; ++size) {
    EXPECT_FALSE(parse_record_key(std::string_view(key).substr(0, size))) << size;
  }
  std::string other_kind = key;
  other_kind[prefix - 1] = 'w';
  EXPECT_FALSE(parse_record_key(other_kind));
}

TEST(RocksKeys, TellTheAccountOfAnyKey) {
  EXPECT_EQ(account_prefix_of(""), "");
  EXPECT_EQ(account_prefix_of("\5al"), "\5al");
  EXPECT_EQ(account_prefix_of("\5alice"), "\5alice");
  EXPECT_EQ(account_prefix_of("\5alice\4kidsv"), "\5alice");
  EXPECT_EQ(account_prefix_of("format_version"), "format_version");
}

RC_GTEST_PROP(RocksKeys, DifferForDifferentTitles, ()) {
  const Title a = *any_title();
  const Title b = *any_neighbour(a);
  RC_ASSERT((a == b) == (a.key() == b.key()));
}

// What a scan or a range deletion of one viewer meets is that viewer's, and all of it.
RC_GTEST_PROP(RocksKeys, KeepViewersApart, ()) {
  const Title a = *any_title();
  const Title b = *any_neighbour(a);
  const bool same_viewer = a.viewer() == b.viewer();
  RC_TAG(same_viewer ? "same viewer" : "other viewer");
  RC_ASSERT(starts_with(b.key(), record_prefix(a.viewer())) == same_viewer);
  RC_ASSERT(starts_with(b.key(), viewer_prefix(a.viewer())) == same_viewer);
  RC_ASSERT(starts_with(b.key(), account_prefix(a.account)) == (a.account == b.account));
}

RC_GTEST_PROP(RocksKeys, AreReadBack, ()) {
  const Title title = *any_title();
  const std::string key = title.key();
  const auto read = parse_record_key(key);
  RC_ASSERT(read);
  RC_ASSERT(read->viewer == title.viewer());
  RC_ASSERT(read->video_id == title.video_id);
  RC_ASSERT(account_prefix_of(key) == account_prefix(title.account));
}

// Other bytes are refused, or are a key in full.
RC_GTEST_PROP(RocksKeys, AreTheOnlyBytesThatAreRead, (std::vector<std::uint8_t> any)) {
  const std::string bytes(any.begin(), any.end());
  const auto read = parse_record_key(bytes);
  if (read) RC_ASSERT(key_of(read->viewer, read->video_id) == bytes);
}

// [prefix, end_of(prefix)) holds the keys that start with the prefix and no others. A video id may
// begin with any byte, so this is asked of the prefixes that are erased: account and viewer. The
// bytes of a record prefix are followed by UTF-8, which has no 0xFF either.
RC_GTEST_PROP(RocksKeys, EndWhereTheirPrefixEnds, ()) {
  const Title a = *any_title();
  const Title b = *any_neighbour(a);
  const std::string key = b.key();
  for (const std::string& prefix : {account_prefix(a.account), viewer_prefix(a.viewer())}) {
    const bool within = key >= prefix && key < end_of(prefix);
    RC_ASSERT(within == starts_with(key, prefix));
  }
  const std::string prefix = record_prefix(a.viewer());
  if (b.video_id.front() != '\xFF') {
    RC_ASSERT((key >= prefix && key < end_of(prefix)) == starts_with(key, prefix));
  }
}

}  // namespace
}  // namespace playhead::rocks
