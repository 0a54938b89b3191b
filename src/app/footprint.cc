// Idle connections, a million records, and a look at the process before and after.
#include "app/footprint.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "app/descriptors.h"
#include "app/load_command.h"
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

Result<void> store_records(const ListenAddress& address, const TokenOf& token_of,
                           std::uint32_t viewers, const std::atomic<bool>& stop_asked) {
  SimpleClient client;
  if (auto opened = client.open(address); !opened) return opened;
  for (std::uint32_t first = 0; first < viewers; first += kWindow) {
    if (stop_asked.load()) return stopped_by_signal();
    const std::uint32_t last = std::min(first + kWindow, viewers);
    std::string requests;
    for (std::uint32_t i = first; i < last; ++i) requests += batch_request(i, token_of(i));
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
Result<void> hold_connections(const ServerProcess& server, const TokenOf& token_of,
                              std::uint32_t count, const std::atomic<bool>& stop_asked,
                              Footprint& footprint) {
  const std::string request =
      "GET /v1/progress/none HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ";
  std::vector<SimpleClient> clients(count + 1);
  // The first one has the server make what it makes once.
  for (std::uint32_t i = 0; i <= count; ++i) {
    if (stop_asked.load()) return stopped_by_signal();
    if (i == 1) {
      std::this_thread::sleep_for(kSettle);
      footprint.at_rest = server.numbers().resident_bytes;
    }
    auto& client = clients[i];
    if (auto opened = client.open(server.address()); !opened) return opened;
    if (auto sent = client.send(request + token_of(i) + "\r\n\r\n"); !sent) return sent;
    const auto answer = client.receive();
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status != 404) {
      return fail(ErrorCode::internal, "connection " + std::to_string(i) + " was answered " +
                                           std::to_string(answer->status));
    }
  }
  std::this_thread::sleep_for(kSettle);
  const double grown = server.numbers().resident_bytes - footprint.at_rest;
  footprint.connections = count;
  footprint.per_connection = std::max(0.0, grown) / count;
  return {};
}

double folder_bytes(const std::filesystem::path& folder) {
  double bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  }
  return bytes;
}

// Stored, restarted so that all is in tables, and asked once.
Result<void> weigh_records(const TokenOf& token_of, const FootprintRequest& request,
                           const std::filesystem::path& data, const std::atomic<bool>& stop_asked,
                           Footprint& footprint) {
  const std::uint32_t viewers = std::max(1U, request.records / kVideosAViewer);
  const auto records = static_cast<double>(viewers) * kVideosAViewer;
  {
    auto server = ServerProcess::start(data, 1, request.cores);
    if (!server) return tl::unexpected(server.error());
    if (auto stored = store_records(server->address(), token_of, viewers, stop_asked); !stored) {
      return stored;
    }
  }
  {
    // The second start brings what the log still held into tables, and its end closes them.
    auto server = ServerProcess::start(data, 1, request.cores);
    if (!server) return tl::unexpected(server.error());
  }
  footprint.per_record_disk = folder_bytes(data) / records;
  auto server = ServerProcess::start(data, 1, request.cores);
  if (!server) return tl::unexpected(server.error());
  Footprint with_records;
  if (auto held = hold_connections(*server, token_of, 1, stop_asked, with_records); !held) {
    return held;
  }
  footprint.per_record_memory = std::max(0.0, with_records.at_rest - footprint.at_rest) / records;
  footprint.records = std::uint64_t{viewers} * kVideosAViewer;
  return {};
}

// Throws where the file system refuses.
Result<void> weigh(const Settings& settings, const FootprintRequest& request,
                   const std::atomic<bool>& stop_asked, Footprint& footprint) {
  Settings own = settings;
  const std::filesystem::path empty = request.folder / "empty";
  own.data.folder = empty;
  {
    auto server = ServerProcess::start(empty, 1, request.cores);
    if (!server) return tl::unexpected(server.error());
    const auto token_of = load_tokens(own, {}, kHourMs);
    if (!token_of) return tl::unexpected(token_of.error());
    const std::uint32_t count = static_cast<std::uint32_t>(
        std::min<std::size_t>(request.connections, connections_to_child()));
    if (auto held = hold_connections(*server, *token_of, count, stop_asked, footprint); !held) {
      return held;
    }
  }
  // The same key for both: it lies in the folder, unless it is configured.
  const std::filesystem::path filled = request.folder / "filled";
  std::filesystem::create_directory(filled);
  std::filesystem::permissions(filled, std::filesystem::perms::owner_all);
  if (std::filesystem::exists(empty / "token.key")) {
    std::filesystem::copy_file(empty / "token.key", filled / "token.key");
    std::filesystem::permissions(filled / "token.key", std::filesystem::perms::owner_read |
                                                           std::filesystem::perms::owner_write);
  }
  const auto token_of = load_tokens(own, {}, kHourMs);
  if (!token_of) return tl::unexpected(token_of.error());
  return weigh_records(*token_of, request, filled, stop_asked, footprint);
}

}  // namespace

Result<void> measure_footprint(const Settings& settings, const FootprintRequest& request,
                               const std::atomic<bool>& stop_asked, Footprint& footprint) {
  try {
    return weigh(settings, request, stop_asked, footprint);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(ErrorCode::internal, error.what());
  }
}

}  // namespace playhead
