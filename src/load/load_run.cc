// Threads that start together, and a thread that watches them.
#include "load/load_run.h"

#include <algorithm>
#include <barrier>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include "base/thread_name.h"
#include "load/load_loop.h"

namespace playhead {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectWait{5'000};
// Between everyone being ready and the start.
constexpr milliseconds kStartDelay{20};
constexpr milliseconds kLook{50};

void bind_to(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(core), &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

// The loops of a run, each made and run on a thread of its own.
class Loops {
 public:
  Loops(const LoadOptions& options, const TokenOf& token_of, Clock& clock)
      : options_(options),
        token_of_(token_of),
        clock_(clock),
        run_(std::random_device{}()),
        loops_(options.threads),
        ready_(static_cast<std::ptrdiff_t>(options.threads) + 1) {
    for (std::size_t i = 0; i < options.threads; ++i) {
      threads_.emplace_back([this, i] { run_one(i); });
    }
    ready_.arrive_and_wait();
    start_ = clock.steady() + kStartDelay;
    started_at_ = Instant{clock.now().ms + kStartDelay.count()};
    ready_.arrive_and_wait();
  }
  ~Loops() { join(); }

  void join() {
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  bool running() const { return running_.load() > 0; }
  bool connected() const { return connected_.load() > 0; }
  void stop() {
    for (auto& loop : loops_) loop->stop();
  }
  std::chrono::steady_clock::time_point start() const { return start_; }
  Instant started_at() const { return started_at_; }
  const std::vector<std::unique_ptr<LoadLoop>>& loops() const { return loops_; }

 private:
  void run_one(std::size_t index) {
    name_this_thread("load");
    if (!options_.cores.empty()) bind_to(options_.cores[index % options_.cores.size()]);
    // Linux lets timers of ordinary threads be 50 us late to save power; that is our precision.
    prctl(PR_SET_TIMERSLACK, 1UL);
    loops_[index] = std::make_unique<LoadLoop>(options_, index, run_, token_of_, clock_);
    if (loops_[index]->connect(kConnectWait)) connected_.fetch_add(1);
    running_.fetch_add(1);
    ready_.arrive_and_wait();
    ready_.arrive_and_wait();
    if (connected()) loops_[index]->run(start_);
    running_.fetch_sub(1);
  }

  const LoadOptions& options_;
  const TokenOf& token_of_;
  Clock& clock_;
  std::uint32_t run_;
  std::vector<std::unique_ptr<LoadLoop>> loops_;
  std::barrier<> ready_;
  std::atomic<std::size_t> running_{0};
  std::atomic<std::size_t> connected_{0};
  std::chrono::steady_clock::time_point start_;
  Instant started_at_;
  std::vector<std::thread> threads_;
};

LoadProgress progress_of(const Loops& loops, std::uint64_t& answered) {
  LoadProgress progress;
  std::uint64_t now_answered = 0;
  for (const auto& loop : loops.loops()) {
    const LiveLoad& live = loop->live();
    now_answered += live.answered.value();
    progress.errors += live.errors.value();
    progress.waiting += live.waiting.value();
    progress.p99_us = std::max(progress.p99_us, live.p99_us.value());
  }
  progress.answers_per_s = static_cast<double>(now_answered - answered);
  answered = now_answered;
  return progress;
}

void watch(Loops& loops, Clock& clock, const std::function<void(const LoadProgress&)>& tell,
           const std::atomic<bool>& stop) {
  std::uint64_t answered = 0;
  auto told = loops.start();
  while (loops.running()) {
    std::this_thread::sleep_for(kLook);
    if (stop.load()) loops.stop();
    const auto now = clock.steady();
    const double passed_s = std::chrono::duration<double>(now - told).count();
    if (passed_s < 1) continue;
    told = now;
    LoadProgress progress = progress_of(loops, answered);
    progress.answers_per_s /= passed_s;
    progress.second = std::chrono::duration<double>(now - loops.start()).count();
    tell(progress);
  }
}

}  // namespace

Result<LoadOutcome> run_load(const LoadOptions& options, const TokenOf& token_of, Clock& clock,
                             const std::function<void(const LoadProgress&)>& tell,
                             const std::atomic<bool>& stop) {
  Loops loops(options, token_of, clock);
  watch(loops, clock, tell, stop);
  loops.join();
  if (!loops.connected()) {
    return fail(ErrorCode::internal, "nothing takes connections at " + options.target.host +
                                         "; start a server, or give another --target");
  }
  LoadOutcome outcome{LoadResult(options.duration_ms * kMillisecondNs), {}};
  outcome.result.started_at = Instant{loops.started_at().ms + options.warmup_ms};
  outcome.result.measured_ns = loops.loops().front()->result().measured_ns;
  for (const auto& loop : loops.loops()) {
    outcome.result.merge(loop->result());
    const auto promises = loop->acknowledged().promises();
    outcome.promises.insert(outcome.promises.end(), promises.begin(), promises.end());
  }
  std::sort(outcome.promises.begin(), outcome.promises.end());
  return outcome;
}

}  // namespace playhead
