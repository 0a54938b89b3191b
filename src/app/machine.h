// The machine this process runs on.
#pragma once

#include <string>
#include <vector>

namespace playhead {

/// The numbers of the cores this process may use, ascending.
std::vector<int> cores_here();

/// What the kernel holds for its own objects, those of sockets among them, in bytes.
double kernel_objects_bytes();

/// For people: how many cores of what CPU, and the kernel's version.
std::string machine_here();

}  // namespace playhead
