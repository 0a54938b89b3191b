// The index of a memtable: what was added is found, in order, by whoever reads beside the writer.
#include "store/rocksdb/update_index.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "store/rocksdb/keys.h"

namespace playhead::rocks {
namespace {

// An index with what its keys, updates and lists lie in.
class Held {
 public:
  explicit Held(std::size_t buckets)
      : index_(buckets, [this](std::size_t bytes) {
          return memory_.emplace_back(new KeyUpdates[bytes / sizeof(KeyUpdates)]).get();
        }) {}

  const Update* add(std::string_view key, std::uint64_t number) {
    index_.add(updates_.emplace_back(), keys_.emplace_back(key), number);
    return &updates_.back();
  }
  const UpdateIndex& index() const { return index_; }

 private:
  std::deque<std::unique_ptr<KeyUpdates[]>> memory_;
  std::deque<Update> updates_;
  std::deque<std::string> keys_;
  UpdateIndex index_;
};

std::string key_of(std::string_view account, std::string_view video_id) {
  std::string key;
  record_key({account, ""}, video_id, key);
  return key;
}

std::vector<std::string> texts(const UpdateIndex::Keys& keys) {
  std::vector<std::string> texts;
  for (const KeyUpdates* one : keys) texts.emplace_back(one->key());
  return texts;
}

std::vector<const Update*> chain(const KeyUpdates* of) {
  std::vector<const Update*> chain;
  if (!of) return chain;
  for (const Update* one = of->newest; one; one = one->older) chain.push_back(one);
  return chain;
}

rc::Gen<std::string> any_text(std::size_t bytes_min) {
  const auto byte = rc::gen::weightedOneOf<char>(
      {{8, rc::gen::element('a', 'b')}, {2, rc::gen::element('\0', '\x01', '\xFE', '\xFF')}});
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(bytes_min, 14), [byte](std::size_t size) {
    return rc::gen::container<std::string>(size, byte);
  });
}

RC_GTEST_PROP(UpdateIndex, WhatWasAddedIsFoundNewestFirstAndInOrder, ()) {
  Held held(*rc::gen::element<std::size_t>(1, 2, 3, 64));
  std::map<std::string, std::vector<const Update*>> expected;
  const auto accounts = *rc::gen::container<std::vector<std::string>>(3, any_text(1));
  for (std::uint64_t number = 1; number <= 60; ++number) {
    const std::string key =
        key_of(accounts.at(*rc::gen::inRange<std::size_t>(0, accounts.size())), *any_text(0));
    auto& updates = expected[key];
    updates.insert(updates.begin(), held.add(key, number));
  }
  std::vector<std::string> all;
  for (const auto& [key, updates] : expected) {
    all.push_back(key);
    RC_ASSERT(chain(held.index().find(key)) == updates);
  }
  RC_ASSERT(texts(held.index().all_keys()) == all);
  for (const std::string& account : accounts) {
    std::vector<std::string> of_account = all;
    std::erase_if(of_account, [&](const std::string& key) {
      return account_prefix_of(key) != account_prefix(account);
    });
    RC_ASSERT(texts(held.index().keys_of_account(account_prefix(account))) == of_account);
  }
}

// Whatever bytes keys are of, and however much they have in common.
RC_GTEST_PROP(UpdateIndex, AnyKeysAreSortedAsBytes, ()) {
  const auto common = *any_text(0);
  std::set<std::string> expected;
  Held held(16);
  for (std::string key : *rc::gen::container<std::vector<std::string>>(any_text(0))) {
    key.insert(std::min<std::size_t>(key.size(), 1), common);
    if (expected.insert(key).second) held.add(key, 1);
  }
  // std::string compares as memcmp does, and so does RocksDB.
  RC_ASSERT(texts(held.index().all_keys()) == std::vector(expected.begin(), expected.end()));
}

// Most accounts of a service look alike, and some do not.
TEST(UpdateIndex, KeysThatLookAlikeAreSortedBesideOddOnes) {
  Held held(64);
  std::set<std::string> expected{"", std::string("zz\0", 3), "zz", "zz\x01"};
  for (int i = 0; i < 500; ++i) {
    const std::string number = std::to_string(7'919 * i % 1'000);
    expected.insert(key_of("viewer-of-a-house-" + number, "video-" + number));
    expected.insert(key_of("viewer-of-a-house-1", "video-" + number));
    expected.insert(key_of("guest-" + number, "v"));
  }
  std::vector<std::string> mixed(expected.begin(), expected.end());
  std::ranges::sort(mixed, {},
                    [](const std::string& key) { return std::hash<std::string>{}(key); });
  for (const std::string& key : mixed) held.add(key, 1);
  EXPECT_EQ(texts(held.index().all_keys()), std::vector(expected.begin(), expected.end()));
}

TEST(UpdateIndex, IsCrowdedOnceOneAccountHasManyKeys) {
  Held held(64);
  for (std::uint32_t i = 0; i < UpdateIndex::kAccountKeysMax; ++i) {
    held.add(key_of("a", std::to_string(i)), 1);
    held.add(key_of("b" + std::to_string(i), "v"), 1);
  }
  EXPECT_FALSE(held.index().crowded());
  held.add(key_of("a", "one more"), 1);
  EXPECT_TRUE(held.index().crowded());
}

TEST(UpdateIndex, WhatWasNotAddedIsNotFound) {
  Held held(1);
  EXPECT_EQ(held.index().find("\1av"), nullptr);
  EXPECT_TRUE(held.index().all_keys().empty());
  held.add(key_of("a", "v"), 1);
  EXPECT_EQ(held.index().find(key_of("a", "w")), nullptr);
  EXPECT_TRUE(held.index().keys_of_account(account_prefix("b")).empty());
}

TEST(UpdateIndexDeathTest, AnUpdateThatIsNotNewerEndsTheProcess) {
  Held held(16);
  held.add("key", 7);
  EXPECT_DEATH(held.add("key", 7), "");
  EXPECT_DEATH(held.add("another", 0), "");
}

TEST(UpdateIndex, ReadersBesideTheWriterSeeWhatWasAddedBefore) {
  constexpr std::size_t kKeys = 200;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kKeys; ++i)
    keys.push_back(key_of(i % 2 == 0 ? "a" : "b", std::to_string(i)));
  Held held(8);
  std::atomic<std::size_t> added{0};
  std::vector<std::jthread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const std::size_t before = added.load(std::memory_order_acquire);
        const auto all = held.index().all_keys();
        ASSERT_GE(all.size(), std::min(before, kKeys));
        ASSERT_TRUE(std::ranges::is_sorted(all, {}, &KeyUpdates::key));
        const auto of_a = held.index().keys_of_account(account_prefix("a"));
        ASSERT_GE(of_a.size(), std::min(before, kKeys) / 2);
        if (before == 0) continue;
        const std::size_t updates = (before + kKeys - 1 - (before - 1) % kKeys) / kKeys;
        ASSERT_GE(chain(held.index().find(keys.at((before - 1) % kKeys))).size(), updates);
      }
    });
  }
  for (std::uint64_t number = 1; number <= 50 * kKeys; ++number) {
    held.add(keys.at((number - 1) % kKeys), number);
    added.store(number, std::memory_order_release);
  }
}

}  // namespace
}  // namespace playhead::rocks
