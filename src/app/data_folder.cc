// Making the data folder, finding the key.
#include "app/data_folder.h"

#include <cerrno>
#include <cstring>

#include <sys/stat.h>

#include "auth/key_file.h"

namespace playhead {

Result<void> make_data_folder(const std::filesystem::path& folder) {
  // Records and the signing key are nobody else's business.
  if (::mkdir(folder.c_str(), S_IRWXU) == 0) return {};
  if (errno == EEXIST && std::filesystem::is_directory(folder)) return {};
  return fail(ErrorCode::internal, "the data folder " + folder.string() +
                                       " cannot be made: " + std::strerror(errno) +
                                       "; make it, or give another with --data");
}

Result<std::string> signing_key(const Settings& settings) {
  if (!settings.auth.key.empty()) return decode_key(settings.auth.key);
  return load_or_make_key(settings.data.folder);
}

}  // namespace playhead
