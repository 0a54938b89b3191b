// Names of threads, for whoever looks at the process.
#pragma once

namespace playhead {

/// Names the calling thread as `top -H`, `ps -T` and `perf` show it, until it ends or is named
/// again; threads it starts begin with the same name. At most 15 characters, the kernel's limit: a
/// longer name is a defect and changes nothing. Costs a system call.
void name_this_thread(const char* name);

}  // namespace playhead
