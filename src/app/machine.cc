// What Linux tells about it.
#include "app/machine.h"

#include <fstream>

#include <sched.h>
#include <sys/utsname.h>

namespace playhead {

std::vector<int> cores_here() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
  }
  return cores;
}

double kernel_objects_bytes() {
  std::ifstream info("/proc/meminfo");
  for (std::string name, unit; info >> name;) {
    double kibibytes = 0;
    info >> kibibytes;
    if (name == "Slab:") return kibibytes * 1'024;
    std::getline(info, unit);
  }
  return 0;
}

std::string machine_here() {
  std::ifstream info("/proc/cpuinfo");
  std::string model = "an unknown CPU";
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  utsname system{};
  uname(&system);
  return std::to_string(cores_here().size()) + " cores of " + model + ", Linux " + system.release;
}

}  // namespace playhead
