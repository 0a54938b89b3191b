// The machine this process runs on.
#pragma once

#include <string>
#include <vector>

namespace playhead {

/// The numbers of the cores this process may use, ascending.
std::vector<int> cores_here();

/// For people: how many cores of what CPU, and the kernel's version.
std::string machine_here();

}  // namespace playhead
