// One whole connection: bytes in, answers out, the same however the bytes are cut.
#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz.h"
#include "unit/memory_server.h"

namespace playhead::fuzz {
namespace {

using testing_only::MemoryServer;
using testing_only::Script;

struct Reply {
  int status = 0;
  bool closes = false;
  std::string text;  // without what is told to people
};

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20; });
}

// Reads an answer as a strict client does.
Reply read_answer(const std::string& answer) {
  Reply reply;
  const std::size_t head_end = answer.find("\r\n\r\n");
  require(head_end != std::string::npos, "an answer has a head");
  std::string_view head = std::string_view(answer).substr(0, head_end + 2);
  const std::string_view body = std::string_view(answer).substr(head_end + 4);
  const std::string_view status = head.substr(0, head.find("\r\n"));
  require(status.size() > 13 && status.substr(0, 9) == "HTTP/1.1 " && status[12] == ' ',
          "an answer has a status line");
  reply.status = std::stoi(std::string(status.substr(9, 3)));
  require(reply.status >= 200 && reply.status < 600 && printable(status), "with a status");
  std::size_t length = 0;
  for (head.remove_prefix(status.size() + 2); !head.empty();) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(": ");
    require(colon != std::string_view::npos && colon > 0 && printable(line), "a head has fields");
    if (line.substr(0, colon) == "Content-Length")
      length = std::stoul(std::string(line.substr(16)));
    if (line == "Connection: close") reply.closes = true;
  }
  require(body.empty() || body.size() == length, "a body is as long as is said");
  require(reply.status != 500, "nothing is an error of ours");
  reply.text = answer;
  const std::size_t detail = reply.text.find("\"detail\":\"");
  if (detail != std::string::npos) {
    const std::size_t length_at = reply.text.find("Content-Length: ");
    reply.text.erase(detail);
    if (length_at != std::string::npos) {
      reply.text.erase(length_at, reply.text.find("\r\n", length_at) - length_at);
    }
  }
  return reply;
}

// Among others its answers are kept until those had their turn, which have nothing to say.
enum class Company : std::uint8_t { none, others };

std::vector<Reply> converse(const Script& script, Company company) {
  MemoryServer server;
  const auto connection = server.connect(script);
  bool goes_on = true;
  while (goes_on) {
    server.settle();
    server.loop.outbox().before_event(company == Company::others);
    goes_on = connection->step();
    server.loop.outbox().before_event(false);
    server.loop.outbox().after_event();
  }
  require(connection->ended(), "a connection that was shut by its client ends");
  std::vector<Reply> replies;
  for (const std::string& answer : connection->answers) {
    require(replies.empty() || !replies.back().closes, "nothing is answered after a refusal");
    replies.push_back(read_answer(answer));
  }
  return replies;
}

bool refuses(const Reply& reply) {
  return reply.closes && reply.status >= 400;
}

bool waits_for_no_body(const Reply& reply) {
  return reply.status == 401 || reply.status == 404 || reply.status == 405;
}

// Cut in pieces a request may be refused for what comes first: no body is waited for without a
// token, nor where there is no endpoint, and a line is not looked at before its header is whole.
// Never may one be answered that is not, or not be, one of the whole.
void compare(const std::vector<Reply>& whole, const std::vector<Reply>& cut) {
  std::size_t i = 0;
  while (i < whole.size() && i < cut.size() && whole[i].text == cut[i].text) ++i;
  if (i == whole.size() && i == cut.size()) return;
  require(i < whole.size(), "in pieces nothing is answered that was not there");
  require(refuses(whole[i]) || waits_for_no_body(whole[i]),
          "what is taken whole is taken in pieces");
  if (i == cut.size()) return;
  require(refuses(cut[i]), "what is refused whole is refused in pieces");
}

std::size_t heads_in(std::string_view bytes) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = bytes.find("\r\n\r\n", at)) != std::string_view::npos; at += 4) {
    ++count;
  }
  return count;
}

}  // namespace
}  // namespace playhead::fuzz

// How it is cut and in whose company, how slowly the client reads, then the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace playhead::fuzz;
  Input input(data, size);
  const std::uint8_t cut = input.byte();
  const std::uint8_t write_bytes = input.byte();
  const std::string_view bytes = input.rest();

  const std::vector<Reply> whole = converse({{bytes}}, Company::none);
  require(whole.size() <= heads_in(bytes) + 1, "there are no more answers than requests");

  Script script;
  if (write_bytes > 0) script.write_bytes_max = write_bytes;
  std::minstd_rand random(cut);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t piece = cut == 0 ? 1 : 1 + random() % (1U << (cut % 9U));
    script.pieces.push_back(bytes.substr(at, piece));
    at += piece;
  }
  compare(whole, converse(script, cut % 2 == 0 ? Company::none : Company::others));
  return 0;
}
