// Reading and making the key file, with the care of ssh for its own: owner only, no links, durable.
#include "auth/key_file.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/hash.h"
#include "base/base64url.h"

namespace playhead {
namespace {

namespace fs = std::filesystem;

// Far more than any key; keeps a wrong file from being read as a whole.
constexpr std::size_t kKeyFileBytesMax = 4096;

// An open file that closes itself.
class File {
 public:
  File(const fs::path& path, int flags, mode_t mode = 0)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

auto refuse(std::string detail) {
  return fail(ErrorCode::internal, std::move(detail));
}

// To be called right after the call that failed, while errno is still its own.
auto refuse_by_system(const std::string& what, const fs::path& path) {
  const std::string why = std::generic_category().message(errno);
  return refuse("cannot " + what + " " + path.string() + ": " + why);
}

Result<void> check_file(const File& file, const fs::path& path) {
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) return refuse_by_system("look at", path);
  if (!S_ISREG(status.st_mode)) {
    return refuse("the key file " + path.string() +
                  " is not a regular file; move it away and a new key is made");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refuse("the key file " + path.string() + " is open to other users; run: chmod 600 " +
                  path.string());
  }
  return {};
}

Result<std::string> read_all(const File& file, const fs::path& path) {
  std::string text(kKeyFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.fd(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse_by_system("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kKeyFileBytesMax) {
    return refuse("the key file " + path.string() + " is too large to hold a key");
  }
  text.resize(size);
  return text;
}

// The key in the file; nullopt if there is no file.
Result<std::optional<std::string>> read_key(const fs::path& path) {
  // Without O_NONBLOCK a pipe of that name would hold the start for ever.
  const File file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    if (errno == ELOOP) {
      return refuse("the key file " + path.string() +
                    " is a symbolic link; put the file itself there");
    }
    return refuse_by_system("open", path);
  }
  if (auto good = check_file(file, path); !good) return tl::unexpected(std::move(good.error()));
  auto text = read_all(file, path);
  if (!text) return tl::unexpected(std::move(text.error()));
  if (text->ends_with('\n')) text->pop_back();
  auto key = decode_key(*text);
  if (!key) {
    return refuse("the key file " + path.string() + " holds no key: it " + key.error().detail +
                  "; restore it, or move it away and a new key is made");
  }
  return std::optional(*std::move(key));
}

Result<void> write_durably(const fs::path& path, std::string_view text) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  // fchmod, because a umask may have taken the owner's own rights away.
  if (!file.is_open() || ::fchmod(file.fd(), S_IRUSR | S_IWUSR) != 0) {
    return refuse_by_system("make", path);
  }
  while (!text.empty()) {
    const ssize_t put = ::write(file.fd(), text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return refuse_by_system("write", path);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fsync(file.fd()) != 0) return refuse_by_system("sync", path);
  return {};
}

Result<void> sync_folder(const fs::path& folder) {
  const File file(folder, O_RDONLY | O_DIRECTORY);
  if (!file.is_open() || ::fsync(file.fd()) != 0) return refuse_by_system("sync", folder);
  return {};
}

Result<std::string> random_text(std::size_t size) {
  std::string bytes(size, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) != 1) {
    return refuse("OpenSSL has no random bytes for a new key");
  }
  return encode_base64url(bytes);
}

// Puts a new key at `path` unless one is there by then.
Result<void> make_key(const fs::path& folder, const fs::path& path) {
  const auto key = random_text(kHmacKeyBytesMin);
  if (!key) return tl::unexpected(key.error());
  const auto suffix = random_text(8);
  if (!suffix) return tl::unexpected(suffix.error());
  const fs::path draft = path.string() + "." + *suffix + ".tmp";
  auto done = write_durably(draft, *key + '\n');
  // link() never replaces: the first of several processes wins, with a file that is complete.
  if (done && ::link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    done = refuse_by_system("make", path);
  }
  ::unlink(draft.c_str());
  return done ? sync_folder(folder) : done;
}

}  // namespace

Result<std::string> load_or_make_key(const fs::path& folder) {
  const fs::path path = folder / "token.key";
  auto key = read_key(path);
  if (key && !*key) {
    if (auto made = make_key(folder, path); !made) return tl::unexpected(std::move(made.error()));
    // Read back, because another process may have been first.
    key = read_key(path);
  }
  if (!key) return tl::unexpected(std::move(key.error()));
  if (!*key) return refuse("the key file " + path.string() + " was removed while it was made");
  return **std::move(key);
}

Result<std::string> decode_key(std::string_view base64url) {
  std::string key;
  if (!decode_base64url(base64url, key)) {
    return fail(ErrorCode::invalid_field, "must be base64url without padding");
  }
  if (key.size() < kHmacKeyBytesMin) {
    return fail(ErrorCode::invalid_field,
                "must have at least " + std::to_string(kHmacKeyBytesMin) + " bytes when decoded");
  }
  return key;
}

}  // namespace playhead
