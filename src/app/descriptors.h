// How many file descriptors this process may have: each connection is one.
#pragma once

#include <cstddef>

namespace playhead {

/// Takes all that the system gives (the soft limit of many, 1,024, is for shells; the hard one
/// counts), and tells how many that are; the largest number where there is no limit. Children
/// inherit it.
std::size_t raise_descriptor_limit();

}  // namespace playhead
