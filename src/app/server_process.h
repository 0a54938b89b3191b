// A `playhead serve` of our own, started to be measured.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/error.h"
#include "base/listen_address.h"

namespace playhead {

/// What Linux tells about a process.
struct ProcessNumbers {
  double cpu_s = 0;
  double resident_bytes = 0;
  double written_bytes = 0;  ///< handed to the disk
};

/// This program once more, as a server on ports of the system's choice, with the settings of the
/// environment. Ended with the object, or with this process. Not thread safe.
class ServerProcess {
 public:
  /// Starts it over `data`, bound to `cores`, with a log beside the folder; waits until it listens.
  /// The error holds the end of its log.
  static Result<ServerProcess> start(const std::filesystem::path& data, unsigned threads,
                                     const std::vector<int>& cores);
  ~ServerProcess();
  ServerProcess(ServerProcess&& other) noexcept;
  ServerProcess& operator=(ServerProcess&& other) noexcept;

  /// Asks it to end and waits, some time; then it is killed.
  void stop();

  ListenAddress address() const { return {"127.0.0.1", port_}; }
  ProcessNumbers numbers() const;

 private:
  ServerProcess(pid_t pid, std::uint16_t port) : pid_(pid), port_(port) {}

  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace playhead
