// Starting, watching and ending a child.
#include "app/server_process.h"

#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <ctime>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace playhead {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kStartWait{60};
// A drain and a flush of everything that waits.
constexpr std::chrono::seconds kStopWait{60};
constexpr milliseconds kLook{20};

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The number behind `name` in a text such as `"port":8080`; 0 where there is none.
std::uint64_t number_after(const std::string& text, const std::string& name) {
  const auto place = text.find(name);
  if (place == std::string::npos) return 0;
  std::uint64_t number = 0;
  const auto start = text.find_first_of("0123456789", place + name.size());
  if (start == std::string::npos) return 0;
  std::from_chars(text.data() + start, text.data() + text.size(), number);
  return number;
}

// Becomes the server. After a fork nothing may be allocated: all is made before.
[[noreturn]] void become(char* const* arguments, int log, pid_t parent, const cpu_set_t* cores) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  if (cores != nullptr) sched_setaffinity(0, sizeof *cores, cores);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(log, STDERR_FILENO);
  execv("/proc/self/exe", arguments);
  _exit(1);
}

bool ended(pid_t pid) {
  return waitpid(pid, nullptr, WNOHANG) != 0;
}

}  // namespace

Result<ServerProcess> ServerProcess::start(const std::filesystem::path& data, unsigned threads,
                                           const std::vector<int>& cores) {
  const std::string log_path = data.string() + ".log";
  const int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (log < 0) return fail(ErrorCode::internal, log_path + " cannot be written");
  std::vector<std::string> words = {"playhead",       "serve",
                                    "--listen",       "127.0.0.1:0",
                                    "--admin-listen", "",
                                    "--data",         data.string(),
                                    "--threads",      std::to_string(threads),
                                    "--set",          "http.connections_per_address_max=0"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(static_cast<std::size_t>(core), &set);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(arguments.data(), log, parent, cores.empty() ? nullptr : &set);
  ::close(log);
  if (pid < 0) return fail(ErrorCode::internal, "no process can be started");
  ServerProcess server(pid, 0);
  const auto deadline = steady_clock::now() + kStartWait;
  while (steady_clock::now() < deadline) {
    const std::string text = content_of(log_path);
    const auto line = text.find("\"event\":\"listening\"");
    if (line != std::string::npos && text.find('\n', line) != std::string::npos) {
      server.port_ = static_cast<std::uint16_t>(number_after(text.substr(line), "\"port\":"));
      return server;
    }
    if (ended(pid)) {
      server.pid_ = 0;
      return fail(ErrorCode::internal, "the server did not start: " + text);
    }
    std::this_thread::sleep_for(kLook);
  }
  return fail(ErrorCode::internal, "the server did not start in time");
}

ServerProcess::~ServerProcess() {
  stop();
}

ServerProcess::ServerProcess(ServerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), port_(other.port_) {}

ServerProcess& ServerProcess::operator=(ServerProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(port_, other.port_);
  return *this;
}

void ServerProcess::stop() {
  if (pid_ == 0) return;
  const pid_t pid = std::exchange(pid_, 0);
  ::kill(pid, SIGTERM);
  const auto deadline = steady_clock::now() + kStopWait;
  while (steady_clock::now() < deadline) {
    if (ended(pid)) return;
    std::this_thread::sleep_for(kLook);
  }
  ::kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

ProcessNumbers ServerProcess::numbers() const {
  const std::string folder = "/proc/" + std::to_string(pid_);
  ProcessNumbers numbers;
  // Its own clock, in nanoseconds: /proc counts in hundredths of a second, which is a thousand
  // reports.
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid_, &clock) == 0) clock_gettime(clock, &used);
  numbers.cpu_s = static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
  numbers.resident_bytes =
      static_cast<double>(number_after(content_of(folder + "/status"), "VmRSS:")) * 1'024;
  numbers.written_bytes =
      static_cast<double>(number_after(content_of(folder + "/io"), "\nwrite_bytes:"));
  return numbers;
}

}  // namespace playhead
