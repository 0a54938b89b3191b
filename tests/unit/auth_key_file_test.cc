// The key file: made once, private, whole, and the same for all who race for it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/key_file.h"
#include "base/base64url.h"

namespace playhead {
namespace {

namespace fs = std::filesystem;

class KeyFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "playhead-key-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path path() const { return folder_ / "token.key"; }

  void write(std::string_view text, mode_t mode = 0600) const {
    std::ofstream(path()) << text;
    ASSERT_EQ(::chmod(path().c_str(), mode), 0);
  }

  std::string text() const {
    std::ifstream file(path());
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // The sentence with which the key is refused; "" if it is not.
  std::string refusal() const {
    const auto key = load_or_make_key(folder_);
    if (key) return "";
    EXPECT_EQ(key.error().code, ErrorCode::internal);
    return key.error().detail;
  }

  fs::path folder_;
};

std::string good_text(char fill = 'k') {
  return encode_base64url(std::string(32, fill));
}

TEST_F(KeyFile, IsMadeOnceAndPrivate) {
  const auto made = load_or_make_key(folder_);
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_EQ(made->size(), 32U);
  EXPECT_EQ(text(), encode_base64url(*made) + "\n");
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(status.st_nlink, 1U);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1) << "no draft is left";
  EXPECT_EQ(*load_or_make_key(folder_), *made);
}

TEST_F(KeyFile, IsPrivateUnderAnyUmask) {
  const mode_t before = ::umask(0);
  const auto open = load_or_make_key(folder_);
  fs::remove(path());
  ::umask(0777);
  const auto closed = load_or_make_key(folder_);
  ::umask(before);
  ASSERT_TRUE(open.has_value());
  ASSERT_TRUE(closed.has_value()) << closed.error().detail;
  EXPECT_NE(*open, *closed);
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(KeyFile, TakesAKeyThatAnOperatorWrote) {
  write(good_text());
  EXPECT_EQ(*load_or_make_key(folder_), std::string(32, 'k')) << "without a newline";
  write(good_text() + "\n", 0400);
  EXPECT_EQ(*load_or_make_key(folder_), std::string(32, 'k'));
  write(encode_base64url(std::string(64, 'l')) + "\n");
  EXPECT_EQ(*load_or_make_key(folder_), std::string(64, 'l'));
}

TEST_F(KeyFile, MustNotBeOpenToOthers) {
  for (const mode_t mode : {0640U, 0620U, 0604U, 0602U, 0644U, 0660U, 0666U, 0777U}) {
    write(good_text() + "\n", mode);
    EXPECT_NE(refusal().find("chmod 600 " + path().string()), std::string::npos) << mode;
  }
  ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
  EXPECT_EQ(refusal(), "");
}

TEST_F(KeyFile, MustBeARegularFile) {
  fs::create_directory(path());
  EXPECT_NE(refusal().find("not a regular file"), std::string::npos);
  fs::remove(path());
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_NE(refusal().find("not a regular file"), std::string::npos) << "and it does not block";
}

TEST_F(KeyFile, MustNotBeASymbolicLink) {
  const fs::path target = folder_ / "elsewhere";
  std::ofstream(target) << good_text() << "\n";
  ASSERT_EQ(::chmod(target.c_str(), 0600), 0);
  fs::create_symlink(target, path());
  EXPECT_NE(refusal().find("symbolic link"), std::string::npos);
  fs::remove(target);
  EXPECT_NE(refusal().find("symbolic link"), std::string::npos) << "also where it leads nowhere";
  EXPECT_FALSE(fs::exists(target)) << "and nothing was made through it";
}

TEST_F(KeyFile, MustHoldAKey) {
  const std::string short_text = encode_base64url(std::string(31, 'k'));
  for (const std::string& bad :
       {std::string(), std::string("\n"), short_text + "\n", good_text() + "\n\n",
        good_text() + "=\n", " " + good_text() + "\n", "not a key\n" + good_text()}) {
    write(bad);
    const std::string said = refusal();
    EXPECT_NE(said.find("holds no key"), std::string::npos) << bad;
    EXPECT_EQ(said.find("a2tra2"), std::string::npos) << "the key is not in the error";
    EXPECT_EQ(text(), bad) << "and it was not replaced";
  }
}

TEST_F(KeyFile, HasABound) {
  write(std::string(4'095, 'A') + "\n");
  EXPECT_EQ(refusal(), "");
  write(std::string(4'096, 'A') + "\n");
  EXPECT_NE(refusal().find("too large"), std::string::npos);
  write(std::string(4'092, 'A') + "\n" + std::string(100'000, ' '));
  EXPECT_NE(refusal().find("too large"), std::string::npos);
}

TEST_F(KeyFile, NeedsItsFolder) {
  const auto key = load_or_make_key(folder_ / "missing");
  ASSERT_FALSE(key.has_value());
  EXPECT_NE(key.error().detail.find("No such file or directory"), std::string::npos);
}

TEST_F(KeyFile, IsTheSameForThreadsThatRace) {
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> keys(8);
    std::vector<std::thread> threads;
    threads.reserve(keys.size());
    for (auto& key : keys) {
      threads.emplace_back([&] { key = load_or_make_key(folder_).value_or("failed"); });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 1U);
    EXPECT_EQ(keys.front().size(), 32U);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
    fs::remove(path());
  }
}

// Each child says by its exit status whether the key it returned is the one in the file afterwards.
TEST_F(KeyFile, IsTheSameForProcessesThatRace) {
  for (int round = 0; round < 10; ++round) {
    std::vector<pid_t> children(4);
    for (pid_t& child : children) {
      child = ::fork();
      ASSERT_GE(child, 0);
      if (child != 0) continue;
      const auto key = load_or_make_key(folder_);
      ::_exit(key && text() == encode_base64url(*key) + "\n" ? 0 : 1);
    }
    for (const pid_t child : children) {
      int status = -1;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      EXPECT_EQ(status, 0);
    }
    fs::remove(path());
  }
}

TEST(DecodeKey, WantsThirtyTwoBytes) {
  EXPECT_EQ(decode_key(good_text()), std::string(32, 'k'));
  for (const std::string& bad : {std::string(), encode_base64url(std::string(31, 'k')),
                                 good_text() + "\n", good_text() + "=", std::string(43, '+')}) {
    const auto key = decode_key(bad);
    ASSERT_FALSE(key.has_value()) << bad;
    EXPECT_EQ(key.error().code, ErrorCode::invalid_field);
    EXPECT_EQ(key.error().detail.find("a2tra2"), std::string::npos);
  }
}

}  // namespace
}  // namespace playhead
