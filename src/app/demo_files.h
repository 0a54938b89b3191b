// The demo's files, built into the program; web/CMakeLists.txt generates their source.
#pragma once

#include <span>

#include "http/assets.h"

namespace playhead {

std::span<const EmbeddedFile> demo_files();

}  // namespace playhead
