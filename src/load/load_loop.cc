// The loop's time: what is due, what is late, when it ends.
#include "load/load_loop.h"

#include <algorithm>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "load/load_connection.h"

namespace playhead {
namespace {

using std::chrono::nanoseconds;

// Closer than this, waking up by a timer is later than looking again.
constexpr std::int64_t kSpinNs = 60 * kMicrosecondNs;
constexpr std::int64_t kTickNs = 100 * kMillisecondNs;
// Requests that are taken before answers get their turn.
constexpr int kTakenInARowMax = 256;
constexpr std::size_t kInputBytes = 256U << 10U;

std::size_t some_of(std::size_t total, std::size_t index, std::size_t threads) {
  return std::max<std::size_t>(1, share_of(total, index, threads));
}

}  // namespace

LoadLoop::LoadLoop(const LoadOptions& options, std::size_t index, std::uint32_t run,
                   const TokenOf& token_of, Clock& clock)
    : options_(options),
      clock_(clock),
      start_(clock.steady()),
      warmup_ns_(options.warmup_ms * kMillisecondNs),
      end_ns_((options.warmup_ms + options.duration_ms) * kMillisecondNs),
      timeout_ns_(options.timeout_ms * kMillisecondNs),
      endpoint_(boost::asio::ip::make_address(options.target.address.host),
                options.target.address.port),
      schedule_(options, index, end_ns_),
      backlog_(schedule_.viewers().count(), some_of(options.waiting_max, index, options.threads)),
      writer_(options.target, run, schedule_.viewers().count(), schedule_.viewers().number_of(0),
              static_cast<std::uint32_t>(options.threads), token_of),
      result_(options.duration_ms * kMillisecondNs),
      io_(1),
      timer_(io_),
      input_(kInputBytes, '\0'),
      timer_at_ns_(0) {
  const std::size_t count = some_of(options.connections, index, options.threads);
  for (std::size_t i = 0; i < count; ++i) connections_.push_back(std::make_unique<Connection>(io_));
  free_.resize(count);
}

LoadLoop::~LoadLoop() = default;

std::int64_t LoadLoop::now_ns() const {
  return std::chrono::duration_cast<nanoseconds>(clock_.steady() - start_).count();
}

bool LoadLoop::connect(std::chrono::milliseconds wait) {
  for (auto& connection : connections_) open(*connection);
  const auto deadline = clock_.steady() + wait;
  while (connected_ < connections_.size() && clock_.steady() < deadline) {
    io_.restart();
    if (io_.run_one_for(std::chrono::milliseconds(10)) == 0) tick(now_ns());
  }
  return connected_ > 0;
}

void LoadLoop::run(std::chrono::steady_clock::time_point start) {
  start_ = start;
  next_tick_ns_ = 0;
  next_second_ns_ = kSecondNs;
  // Times before the start of the run count from it.
  for (auto& connection : connections_) connection->free_since_ns = connection->open_at_ns = 0;
  while (!finished(now_ns())) turn();
  result_.measured_ns = std::clamp(end_ns_ - warmup_ns_, std::int64_t{1}, result_.measured_ns);
  give_up_all();
  const std::int64_t took_ns = std::max<std::int64_t>(1, std::min(now_ns(), end_ns_));
  result_.busy =
      std::clamp(1 - static_cast<double>(idle_ns_) / static_cast<double>(took_ns), 0.0, 1.0);
}

// While running nothing here blocks but `wait_until`, and that only where nothing is due.
void LoadLoop::turn() {
  io_.restart();
  const std::int64_t now = now_ns();
  take_due(now);
  send_ready();
  if (now >= next_tick_ns_) tick(now);
  const std::int64_t next = std::min(
      schedule_.ended() || stopped() ? next_tick_ns_ : schedule_.next_due_ns(), next_tick_ns_);
  const std::int64_t before = now_ns();
  const bool waits = next - before > kSpinNs;
  if (waits) wait_until(next);
  const bool looked_in_vain = io_.poll() == 0 && next > before && !waits;
  if (before >= end_ns_) return;
  if (waits) idle_ns_ += woken_ns_ - before;
  if (looked_in_vain) idle_ns_ += now_ns() - before;
}

void LoadLoop::wait_until(std::int64_t at_ns) {
  if (timer_at_ns_ > at_ns || timer_at_ns_ == 0) {
    timer_at_ns_ = at_ns;
    timer_.expires_at(start_ + nanoseconds(at_ns));
    timer_.async_wait([this](const Error& cancelled) {
      woken();
      if (!cancelled) timer_at_ns_ = 0;
    });
  }
  waiting_ = true;
  io_.run_one();
  woken();
}

// What wakes the loop is work, and no part of the wait: an answer is read, and the next request
// sent.
void LoadLoop::woken() {
  if (!std::exchange(waiting_, false)) return;
  woken_ns_ = now_ns();
}

void LoadLoop::take_due(std::int64_t now) {
  if (stopped()) return;
  for (int i = 0; i < kTakenInARowMax; ++i) {
    const auto planned = schedule_.take(now);
    if (!planned) return;
    if (measured(*planned)) {
      ++result_.due;
      ++slot_at(planned->due_ns).due;
    }
    if (!backlog_.add(*planned)) count_failure(*planned, 0, "not_sent_queue_full");
  }
}

void LoadLoop::send_ready() {
  while (backlog_.has_ready()) {
    Connection* const connection = free_connection();
    if (connection == nullptr) return;
    send(*connection, backlog_.pop());
  }
}

void LoadLoop::tick(std::int64_t now) {
  next_tick_ns_ = now + kTickNs;
  for (auto& connection : connections_) {
    const auto state = connection->state;
    if (state == Connection::State::closed && now >= connection->open_at_ns) open(*connection);
    if (state == Connection::State::busy &&
        now - backlog_[connection->request].sent_ns > timeout_ns_) {
      close(*connection, "timeout");
    }
  }
  live_.waiting.set(backlog_.waiting());
  if (now < next_second_ns_) return;
  next_second_ns_ += kSecondNs;
  live_.p99_us.set(last_second_us_.value_at(99));
  last_second_us_.clear();
}

// A stop is an early end: what fell due before it is still sent, and waited for.
bool LoadLoop::finished(std::int64_t now) {
  if (stopped()) end_ns_ = std::min(end_ns_, now);
  const bool ended = stopped() || schedule_.ended();
  return (ended && backlog_.empty()) || now > end_ns_ + timeout_ns_ + kSecondNs;
}

// What was still to be sent, and what was still to be answered, when the time was over.
void LoadLoop::give_up_all() {
  for (auto& connection : connections_) {
    if (connection->state == Connection::State::busy) close(*connection, "timeout");
    // All is answered: no port of ours need rest for a minute, the next run wants as many.
    if (connection->state == Connection::State::free) {
      Error ignored;
      connection->socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    }
  }
  const std::int64_t now = now_ns();
  for (Backlog::Id id = backlog_.pop(); id != Backlog::kNone; id = backlog_.pop()) {
    count_failure(backlog_[id].planned, 0, "not_sent");
    backlog_.finish(id, now);
  }
  while (const auto planned = schedule_.take(end_ns_)) {
    if (stopped()) return;
    if (!measured(*planned)) continue;
    ++result_.due;
    count_failure(*planned, 0, "not_sent");
  }
}

TimeSlot& LoadLoop::slot_at(std::int64_t at_ns) {
  const std::int64_t slot = std::max<std::int64_t>(0, at_ns - warmup_ns_) / result_.slot_ns;
  return result_.slots[std::min(static_cast<std::size_t>(slot), result_.slots.size() - 1)];
}

void LoadLoop::count_success(const Backlog::Request& request, std::int64_t now) {
  const auto latency_us =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, now - request.planned.due_ns)) / 1'000;
  last_second_us_.record(latency_us);
  RouteResult& route = result_.routes[static_cast<std::size_t>(request.planned.route)];
  if (now >= warmup_ns_ && now < end_ns_) {
    ++slot_at(now).answered;
    ++route.in_time;
  }
  if (!measured(request.planned)) return;
  ++result_.succeeded;
  route.latency_us.record(latency_us);
  route.service_us.record(static_cast<std::uint64_t>(now - request.sent_ns) / 1'000);
  slot_at(request.planned.due_ns).latency_us.record(latency_us);
}

void LoadLoop::count_failure(const PlannedRequest& planned, unsigned status,
                             std::string_view code) {
  live_.errors.add();
  if (!measured(planned)) return;
  result_.count_answer(planned.route, status, code);
  ++slot_at(planned.due_ns).errors;
}

}  // namespace playhead
