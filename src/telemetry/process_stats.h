// What every Prometheus client tells about its process: memory, CPU, file descriptors, start.
#pragma once

#include "telemetry/exposition.h"

namespace playhead {

/// Appends `process_resident_memory_bytes`, `process_cpu_seconds_total`, `process_open_fds`,
/// `process_max_fds` and `process_start_time_seconds` of this process, as the Prometheus client
/// guidelines name them. Linux only. What /proc does not tell is left out. Any thread, and no disk
/// is touched; from Linux 6.2 on it costs some 50 us, before that the count of open descriptors
/// walks /proc/self/fd, which is not work for an event loop with many connections.
void append_process_stats(Exposition& out);

}  // namespace playhead
