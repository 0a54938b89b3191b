// Idle connections, a million records, and a look at the process before and after.
#include "app/footprint.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "app/descriptors.h"
#include "app/load_command.h"
#include "app/machine.h"
#include "app/server_process.h"
#include "app/stop_signals.h"
#include "base/clock.h"
#include "load/options.h"
#include "load/request_writer.h"
#include "load/simple_client.h"
#include "load/viewers.h"

namespace playhead {
namespace {

// The least a title must hold for records to be like those of players.
constexpr std::uint32_t kVideosAViewer = 100;
// Batches under way at once.
constexpr std::uint32_t kWindow = 8;
// What a server gives back and takes after a burst settles within this.
constexpr std::chrono::milliseconds kSettle{1'000};

std::string batch_request(std::uint32_t viewer, const std::string& token) {
  std::string body = "{\"reports\":[";
  for (std::uint32_t i = 0; i < kVideosAViewer; ++i) {
    if (i > 0) body += ',';
    // As different from each other as those of players: what is alike compresses well.
    const std::uint64_t drawn = mixed((std::uint64_t{viewer} << 32U) | i);
    const std::uint32_t duration_ms = title_duration_ms(i);
    body += "{\"video_id\":\"" + load_video(i) +
            "\",\"position_ms\":" + std::to_string(130'000 + drawn % (duration_ms - 130'000)) +
            ",\"duration_ms\":" + std::to_string(duration_ms) + ",\"session\":\"" +
            std::to_string(drawn % 4'000'000'000) + '-' + std::to_string(viewer) + '-' +
            std::to_string(i) + "\",\"seq\":17,\"device\":\"phone\"}";
  }
  body += "]}";
  return "POST /v1/progress/batch HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

double folder_bytes(const std::filesystem::path& folder) {
  double bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  }
  return bytes;
}

// Servers of our own, over two folders: an empty one that connections are held to, and a filled
// one.
class Scales {
 public:
  Scales(const Settings& settings, const FootprintRequest& request,
         const std::atomic<bool>& stop_asked, Footprint& footprint)
      : settings_(settings),
        request_(request),
        stop_asked_(stop_asked),
        footprint_(footprint),
        empty_(request.folder / "empty"),
        filled_(request.folder / "filled") {
    settings_.data.folder = empty_;
  }

  // Throws where the file system refuses.
  Result<void> weigh() {
    if (auto weighed = weigh_connections(); !weighed) return weighed;
    take_key_over();
    return weigh_records();
  }

 private:
  Result<ServerProcess> start(const std::filesystem::path& data) const {
    return ServerProcess::start(data, 1, request_.cores);
  }
  struct Held {
    double at_rest_bytes = 0;
    double grown_bytes = 0;
    double grown_kernel_bytes = 0;  // of both ends, which are on this machine
  };

  Result<void> weigh_connections();
  void take_key_over() const;
  Result<void> weigh_records();
  Result<void> store_records(const ListenAddress& address, std::uint32_t viewers) const;
  Result<Held> hold_connections(const ServerProcess& server, std::uint32_t count) const;

  Settings settings_;
  const FootprintRequest& request_;
  const std::atomic<bool>& stop_asked_;
  Footprint& footprint_;
  const std::filesystem::path empty_;
  const std::filesystem::path filled_;
  TokenOf token_of_;
};

Result<void> Scales::weigh_connections() {
  auto server = start(empty_);
  if (!server) return tl::unexpected(server.error());
  // Once there is a server, there is a key.
  auto token_of = load_tokens(settings_, {}, kHourMs);
  if (!token_of) return tl::unexpected(token_of.error());
  token_of_ = *std::move(token_of);
  const auto count = static_cast<std::uint32_t>(
      std::min<std::size_t>(request_.connections, connections_to_child()));
  const auto held = hold_connections(*server, count);
  if (!held) return tl::unexpected(held.error());
  footprint_.at_rest = held->at_rest_bytes;
  footprint_.connections = count;
  footprint_.per_connection = std::max(0.0, held->grown_bytes) / count;
  footprint_.per_connection_kernel = std::max(0.0, held->grown_kernel_bytes) / 2 / count;
  return {};
}

// The same key for both: it lies in the folder, unless it is configured.
void Scales::take_key_over() const {
  using std::filesystem::perms;
  std::filesystem::create_directory(filled_);
  std::filesystem::permissions(filled_, perms::owner_all);
  if (!std::filesystem::exists(empty_ / "token.key")) return;
  std::filesystem::copy_file(empty_ / "token.key", filled_ / "token.key");
  std::filesystem::permissions(filled_ / "token.key", perms::owner_read | perms::owner_write);
}

// Stored, restarted so that all is in tables, and asked once.
Result<void> Scales::weigh_records() {
  const std::uint32_t viewers = std::max(1U, request_.records / kVideosAViewer);
  const auto records = static_cast<double>(viewers) * kVideosAViewer;
  {
    auto server = start(filled_);
    if (!server) return tl::unexpected(server.error());
    if (auto stored = store_records(server->address(), viewers); !stored) return stored;
  }
  {
    // The second start brings what the log still held into tables, and its end closes them.
    auto server = start(filled_);
    if (!server) return tl::unexpected(server.error());
  }
  footprint_.per_record_disk = folder_bytes(filled_) / records;
  auto server = start(filled_);
  if (!server) return tl::unexpected(server.error());
  const auto held = hold_connections(*server, 1);
  if (!held) return tl::unexpected(held.error());
  footprint_.per_record_memory = std::max(0.0, held->at_rest_bytes - footprint_.at_rest) / records;
  footprint_.records = std::uint64_t{viewers} * kVideosAViewer;
  return {};
}

Result<void> Scales::store_records(const ListenAddress& address, std::uint32_t viewers) const {
  SimpleClient client;
  if (auto opened = client.open(address); !opened) return opened;
  for (std::uint32_t first = 0; first < viewers; first += kWindow) {
    if (stop_asked_.load()) return stopped_by_signal();
    const std::uint32_t last = std::min(first + kWindow, viewers);
    std::string requests;
    for (std::uint32_t i = first; i < last; ++i) requests += batch_request(i, token_of_(i));
    if (auto sent = client.send(requests); !sent) return sent;
    for (std::uint32_t i = first; i < last; ++i) {
      const auto answer = client.receive();
      if (!answer) return tl::unexpected(answer.error());
      if (answer->status != 200) {
        return fail(ErrorCode::internal,
                    "storing records was answered " + std::to_string(answer->status));
      }
    }
  }
  return {};
}

// Each connection has asked once, as a player's has.
Result<Scales::Held> Scales::hold_connections(const ServerProcess& server,
                                              std::uint32_t count) const {
  const std::string request =
      "GET /v1/progress/none HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ";
  std::vector<SimpleClient> clients(count + 1);
  Held held;
  double kernel_bytes = 0;
  // The first one has the server make what it makes once.
  for (std::uint32_t i = 0; i <= count; ++i) {
    if (stop_asked_.load()) return stopped_by_signal();
    if (i == 1) {
      std::this_thread::sleep_for(kSettle);
      held.at_rest_bytes = server.numbers().resident_bytes;
      kernel_bytes = kernel_objects_bytes();
    }
    auto& client = clients[i];
    if (auto opened = client.open(server.address()); !opened) {
      return tl::unexpected(opened.error());
    }
    if (auto sent = client.send(request + token_of_(i) + "\r\n\r\n"); !sent) {
      return tl::unexpected(sent.error());
    }
    const auto answer = client.receive();
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status != 404) {
      return fail(ErrorCode::internal, "connection " + std::to_string(i) + " was answered " +
                                           std::to_string(answer->status));
    }
  }
  std::this_thread::sleep_for(kSettle);
  held.grown_bytes = server.numbers().resident_bytes - held.at_rest_bytes;
  held.grown_kernel_bytes = kernel_objects_bytes() - kernel_bytes;
  return held;
}

}  // namespace

Result<void> measure_footprint(const Settings& settings, const FootprintRequest& request,
                               const std::atomic<bool>& stop_asked, Footprint& footprint) {
  try {
    return Scales(settings, request, stop_asked, footprint).weigh();
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(ErrorCode::internal, error.what());
  }
}

}  // namespace playhead
