// The data folder: what belongs to one instance, under one path.
#pragma once

#include <filesystem>
#include <string>

#include "app/settings.h"
#include "base/error.h"

namespace playhead {

/// Makes the folder if it is not there (mode 0700; its parent must exist). Errors say what to do.
Result<void> make_data_folder(const std::filesystem::path& folder);

/// The key that signs tokens: the configured one, else the data folder's, made at first use.
Result<std::string> signing_key(const Settings& settings);

inline std::filesystem::path store_folder(const std::filesystem::path& data) {
  return data / "store";
}

}  // namespace playhead
