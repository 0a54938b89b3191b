// Logs that are filled with zeroes ahead: what is on disk at each moment, and what a crash leaves.
#include "store/rocksdb/zeroed_logs.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/merge_operators.h"
#include "temp_folder.h"

namespace playhead::rocks {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_zeroes(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == '\0'; });
}

class ZeroedLogs : public testing::Test {
 protected:
  // With room allocated ahead, as RocksDB makes its logs.
  std::unique_ptr<rocksdb::WritableFile> create(const std::string& name) {
    std::unique_ptr<rocksdb::WritableFile> file;
    EXPECT_TRUE(env_->NewWritableFile(path(name), &file, rocksdb::EnvOptions()).ok());
    file->SetPreallocationBlockSize(4 * kZeroedBytes);
    file->PrepareWrite(0, 1);
    return file;
  }
  std::string path(const std::string& name) const { return (temp_.path() / name).string(); }

  const testing_only::TempFolder temp_;
  const std::unique_ptr<rocksdb::Env> env_ = zeroed_logs_env();
};

TEST_F(ZeroedLogs, ALogIsFollowedByZeroesUntilItIsClosed) {
  auto file = create("000001.log");
  // In one piece, over the end of the zeroes, and to their very end.
  std::string written;
  for (const std::size_t size :
       {std::size_t{95}, std::size_t{4'000}, kZeroedBytes, kZeroedBytes - 4'095, std::size_t{1}}) {
    const std::string piece(size, static_cast<char>('a' + written.size() % 26));
    ASSERT_TRUE(file->Append(piece).ok());
    ASSERT_TRUE(file->Flush().ok());
    written += piece;
    const std::string on_disk = bytes_of(path("000001.log"));
    EXPECT_EQ(on_disk.size() % kZeroedBytes, 0U);
    EXPECT_LE(on_disk.size() - written.size(), kZeroedBytes);
    EXPECT_TRUE(on_disk.starts_with(written));
    EXPECT_TRUE(is_zeroes(std::string_view(on_disk).substr(written.size())));
  }
  ASSERT_TRUE(file->Close().ok());
  EXPECT_EQ(bytes_of(path("000001.log")), written);
}

TEST_F(ZeroedLogs, OtherFilesAreAsLongAsWhatIsWritten) {
  auto file = create("000002.sst");
  ASSERT_TRUE(file->Append("table").ok());
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(bytes_of(path("000002.sst")), "table");
}

TEST_F(ZeroedLogs, TheSizeOfALogIsToldAndWhetherItIsThere) {
  const auto file = create("000001.log");
  ASSERT_TRUE(file->Append("entry").ok());
  std::uint64_t bytes = 0;
  EXPECT_TRUE(env_->GetFileSize(path("000001.log"), &bytes).ok());
  EXPECT_EQ(bytes, kZeroedBytes);
  std::filesystem::remove(path("000001.log"));
  EXPECT_FALSE(env_->GetFileSize(path("000001.log"), &bytes).ok());
}

// What is at the path by then may be somebody else's.
TEST_F(ZeroedLogs, NothingIsZeroedThroughALink) {
  std::filesystem::create_symlink(path("elsewhere"), path("000001.log"));
  auto file = create("000001.log");
  ASSERT_TRUE(file->Append("entry").ok());
  EXPECT_EQ(bytes_of(path("elsewhere")), "entry");
}

// Files may have half of what is zeroed at once: what is written still has room.
TEST_F(ZeroedLogs, WhereThereIsNoRoomForZeroesALogGrowsWithoutThem) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit half{kZeroedBytes / 2, before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &half), 0);
  auto file = create("000001.log");
  const bool taken = file->Append("first").ok() && file->Append("second").ok();
  const bool refused = !file->Append(std::string(kZeroedBytes, 'x')).ok();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(taken);
  EXPECT_TRUE(refused);  // the limit was in force
  EXPECT_TRUE(bytes_of(path("000001.log")).starts_with("firstsecond"));
}

class CountingLog final : public Log {
 public:
  void write(LogLevel level, std::string_view, std::string_view,
             std::initializer_list<LogField>) override {
    if (level != LogLevel::info) ++warnings;
  }
  int warnings = 0;
};

// What a process leaves that is killed with two logs: both end in zeroes, and all of both is found.
TEST(ZeroedLogsOfACrash, AreReadToTheirEnds) {
  const testing_only::TempFolder temp;
  const auto folder = temp.path() / "store";
  const auto image = temp.path() / "image";
  const Tuning tuning;
  SystemClock clock;
  CountingLog log;
  const auto open = [&](const std::filesystem::path& path) {
    return Database::open(path, {tuning, clock, log, {}}, WhenMissing::create).value();
  };
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto database = open(folder);
  const auto erase = [&](std::string_view account, std::int64_t at_ms) {
    return database->db()
        .Merge(synced, database->erasures(), account_prefix(account), encode_instant({at_ms}))
        .ok();
  };
  ASSERT_TRUE(erase("alice", 10));
  // Begins another log; the first stays as it is until a table is made of what it holds.
  ASSERT_TRUE(database->db().PauseBackgroundWork().ok());
  rocksdb::FlushOptions at_once;
  at_once.wait = false;
  ASSERT_TRUE(database->db().Flush(at_once, database->erasures()).ok());
  ASSERT_TRUE(erase("bob", 20));
  std::filesystem::copy(folder, image);
  ASSERT_TRUE(database->db().ContinueBackgroundWork().ok());

  int logs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(image)) {
    if (entry.path().extension() != ".log") continue;
    ++logs;
    EXPECT_EQ(entry.file_size(), kZeroedBytes);
  }
  EXPECT_EQ(logs, 2);
  const auto reopened = open(image);
  EXPECT_EQ(reopened->erased_at({"alice", ""}, rocksdb::ReadOptions())->ms, 10);
  EXPECT_EQ(reopened->erased_at({"bob", ""}, rocksdb::ReadOptions())->ms, 20);
  EXPECT_EQ(log.warnings, 0);
}

// Where writes are not synced there is nothing to be gained.
TEST(ZeroedLogsOfACrash, AreNoneWhereNothingIsSynced) {
  const testing_only::TempFolder temp;
  SystemClock clock;
  CountingLog log;
  Tuning tuning;
  tuning.sync = false;
  const auto database =
      Database::open(temp.path(), {tuning, clock, log, {}}, WhenMissing::create).value();
  for (const auto& entry : std::filesystem::directory_iterator(temp.path())) {
    if (entry.path().extension() == ".log") {
      EXPECT_LT(entry.file_size(), 1'000U);
    }
  }
}

}  // namespace
}  // namespace playhead::rocks
