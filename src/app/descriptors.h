// How many file descriptors this process may have: each connection is one.
#pragma once

#include <cstddef>

namespace playhead {

/// Takes all that the system gives (the soft limit of many, 1,024, is for shells; the hard one
/// counts), and tells how many that are; the largest number where there is no limit. Children
/// inherit it.
std::size_t raise_descriptor_limit();

/// Connections that a server with so many descriptors takes: 1,024, or half, stay for its store and
/// its log. A store of 60 GB has a thousand tables.
std::size_t server_connections(std::size_t descriptors);

/// Connections that this process can hold to a server that is its child, after raising the limit.
std::size_t connections_to_child();

}  // namespace playhead
