// Our memtable beside RocksDB's own: the same writes, and whatever is asked, the same answers.
#include "store/rocksdb/record_memtable.h"

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/merge_operator.h>

#include "store/rocksdb/keys.h"
#include "store/rocksdb/options.h"
#include "temp_folder.h"

namespace playhead::rocks {
namespace {

constexpr std::size_t kBytes = 64U << 20U;

std::unique_ptr<rocksdb::DB> open(const std::filesystem::path& folder,
                                  std::shared_ptr<rocksdb::MemTableRepFactory> memtable) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.allow_concurrent_memtable_write = false;
  options.prefix_extractor = account_prefix_extractor();
  options.memtable_factory = std::move(memtable);
  options.write_buffer_size = kBytes;
  // A value is then the history of its key.
  EXPECT_TRUE(rocksdb::MergeOperator::CreateFromString(rocksdb::ConfigOptions(), "stringappend",
                                                       &options.merge_operator)
                  .ok());
  rocksdb::DB* db = nullptr;
  EXPECT_TRUE(rocksdb::DB::Open(options, folder, &db).ok());
  return std::unique_ptr<rocksdb::DB>(db);
}

class RecordMemtable : public testing::Test {
 protected:
  RecordMemtable()
      : ours_(open(ours_folder_.path(), record_memtable(kBytes))),
        theirs_(open(theirs_folder_.path(), std::make_shared<rocksdb::SkipListFactory>())) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string any_key() {
    static constexpr std::array<std::string_view, 3> kAccounts{"a", "bob", "carol"};
    std::string key;
    record_key({kAccounts.at(below(3)), below(2) == 0 ? "" : "kids"},
               "video-" + std::to_string(below(40)), key);
    return key;
  }

  template <typename Write>
  void on_both(const Write& write) {
    ASSERT_TRUE(write(*ours_).ok());
    ASSERT_TRUE(write(*theirs_).ok());
  }

  void write_something() {
    const rocksdb::WriteOptions options;
    const std::string key = any_key();
    const std::string value = std::to_string(++written_);
    const std::size_t kind = below(80);
    on_both([&](rocksdb::DB& db) {
      if (kind == 0) return db.DeleteRange(options, db.DefaultColumnFamily(), key, end_of(key));
      if (kind < 4) return db.Put(options, key, value);
      return kind < 8 ? db.Delete(options, key) : db.Merge(options, key, value);
    });
  }

  // What both say of a key, of a walk from there in either direction, and of everything.
  void compare(const rocksdb::Snapshot* ours, const rocksdb::Snapshot* theirs) {
    const std::string key = any_key();
    EXPECT_EQ(get(*ours_, key, ours), get(*theirs_, key, theirs));
    const bool upwards = below(4) > 0;
    EXPECT_EQ(walk(*ours_, key, false, upwards, ours), walk(*theirs_, key, false, upwards, theirs));
    EXPECT_EQ(walk(*ours_, key, true, upwards, ours), walk(*theirs_, key, true, upwards, theirs));
  }

  static std::string get(rocksdb::DB& db, const std::string& key, const rocksdb::Snapshot* at) {
    rocksdb::ReadOptions options;
    options.snapshot = at;
    std::string value;
    const auto status = db.Get(options, key, &value);
    return status.ok() ? value : status.ToString();
  }

  static std::vector<std::string> walk(rocksdb::DB& db, const std::string& from, bool everything,
                                       bool upwards, const rocksdb::Snapshot* at) {
    rocksdb::ReadOptions options;
    options.snapshot = at;
    options.total_order_seek = everything;
    options.prefix_same_as_start = !everything;
    std::vector<std::string> seen;
    const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(options));
    for (upwards ? it->Seek(from) : it->SeekForPrev(from); it->Valid();
         upwards ? it->Next() : it->Prev()) {
      seen.push_back(it->key().ToString() + " = " + it->value().ToString());
    }
    EXPECT_TRUE(it->status().ok());
    return seen;
  }

 private:
  std::mt19937 random_{20'261'125};  // NOLINT(cert-msc51-cpp): the same steps each time
  int written_ = 0;

 protected:
  const testing_only::TempFolder ours_folder_;
  const testing_only::TempFolder theirs_folder_;
  std::unique_ptr<rocksdb::DB> ours_;
  std::unique_ptr<rocksdb::DB> theirs_;
};

TEST_F(RecordMemtable, AnswersAsRocksDbsOwnDoes) {
  const rocksdb::Snapshot* ours = nullptr;
  const rocksdb::Snapshot* theirs = nullptr;
  for (int step = 0; step < 2'000; ++step) {
    write_something();
    compare(nullptr, nullptr);
    if (ours) compare(ours, theirs);
    ASSERT_FALSE(HasFailure()) << "at step " << step;
    if (below(100) == 0) {
      ours_->ReleaseSnapshot(ours);
      theirs_->ReleaseSnapshot(theirs);
      ours = ours_->GetSnapshot();
      theirs = theirs_->GetSnapshot();
    }
    if (below(500) == 0) on_both([](rocksdb::DB& db) { return db.Flush({}); });
  }
  ours_->ReleaseSnapshot(ours);
  theirs_->ReleaseSnapshot(theirs);
}

// Who reads any key of an account sorts all it has there.
TEST_F(RecordMemtable, IsFullOnceAnAccountHasThousandsOfKeys) {
  const auto write = [&](std::string_view account, int video) {
    std::string key;
    record_key({account, ""}, std::to_string(video), key);
    ASSERT_TRUE(ours_->Merge({}, key, "1").ok());
  };
  const auto in_memtable = [&] {
    std::uint64_t entries = 0;
    EXPECT_TRUE(ours_->GetIntProperty("rocksdb.num-entries-active-mem-table", &entries));
    return entries;
  };
  for (int i = 0; i < 4'000; ++i) write(i % 2 == 0 ? "a" : "b", i);
  EXPECT_EQ(in_memtable(), 4'000U);
  for (int i = 4'000; i < 8'000; ++i) write("a", i);
  EXPECT_LT(in_memtable(), 8'000U);
}

// One iterator that is sent about while more is written sees what was there when it began.
TEST_F(RecordMemtable, AnIteratorSeesWhatWasThereWhenItBegan) {
  for (int i = 0; i < 200; ++i) write_something();
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> ours(ours_->NewIterator(options));
  const std::unique_ptr<rocksdb::Iterator> theirs(theirs_->NewIterator(options));
  for (int step = 0; step < 500; ++step) {
    for (int i = 0; i < 5; ++i) write_something();
    const std::string key = any_key();
    const std::size_t forward = below(20);
    const std::size_t back = below(8);
    for (rocksdb::Iterator* it : {ours.get(), theirs.get()}) {
      it->Seek(key);
      for (std::size_t i = 0; i < forward && it->Valid(); ++i) it->Next();
      for (std::size_t i = 0; i < back && it->Valid(); ++i) it->Prev();
    }
    ASSERT_EQ(ours->Valid(), theirs->Valid()) << step;
    if (!ours->Valid()) continue;
    ASSERT_EQ(ours->key(), theirs->key()) << step;
    ASSERT_EQ(ours->value(), theirs->value()) << step;
  }
}

}  // namespace
}  // namespace playhead::rocks
