// One connection: requests in, answers out, one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "command/command.h"
#include "http/message.h"
#include "http/request_parser.h"
#include "http/router.h"
#include "http/service.h"

namespace playhead {

class EventLoop;
class Exchange;

using ConnectionHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A client's connection. Lives on one loop's thread, as long as an operation or an answer that is
/// still to come holds it. An idle one owns no buffer. It reads no further while a request waits
/// for its answer, so a client that pipelines is held back by TCP.
///
/// Callbacks rather than a coroutine: an idle connection is then this object alone (ADR 0004).
class Connection final
    : public boost::intrusive_ref_counter<Connection, boost::thread_unsafe_counter>,
      public ConnectionHook {
 public:
  using Tcp = boost::asio::ip::tcp;
  using Socket = boost::asio::basic_stream_socket<Tcp, boost::asio::io_context::executor_type>;
  using Ptr = boost::intrusive_ptr<Connection>;

  Connection(EventLoop& loop, Socket socket, const Router& router);
  ~Connection();

  void start();

  /// What its loop's watch says: it was in one state for too long.
  void on_timeout();
  /// The loop drains: close if idle, else after the answer.
  void on_drain();
  void close();

  /// The end of a commit, or of a read on a worker, for the request that was put off. `ticket`
  /// tells it from one that was given up since.
  void on_committed(std::uint32_t ticket, const Result<void>& outcome);
  void on_read(std::uint32_t ticket, const Answer& answer);

  /// Set by its loop: since when it is in the list it is in.
  std::chrono::steady_clock::time_point watched_since;

  EventLoop& loop() { return loop_; }
  const Router& router() const { return router_; }
  std::uint32_t ticket() const { return ticket_; }
  const SharedIdentity& identity() const { return identity_; }

 private:
  friend class Exchange;

  enum class State : std::uint8_t { reading, waiting, writing, lingering, closed };

  // What a request needs that did not come in one piece.
  struct Partial {
    explicit Partial(const ParserLimits& limits) : parser(limits) {}
    RequestParser parser;
    bool admitted = false;
  };

  void read_when_ready();
  void on_readable(const boost::system::error_code& error);
  std::string_view read_input(boost::system::error_code& error);
  void process(std::string_view bytes);
  void process_one(std::string_view& bytes);
  Result<RequestParser::Fed> feed(RequestParser& parser, std::string_view bytes);
  void admit_body();
  std::size_t body_limit(const Request& request) const;

  void handle(const Request& request);
  Outcome answer_to(const Request& request, const ReceivedAt& received_at);
  Outcome answer_options(const Request& request) const;
  void refuse(const Error& error);
  void wait_for_answer();

  void answer(const Answer& answer);
  void write(std::string_view bytes);
  void write_rest_when_ready();
  void after_answer();
  void linger();
  void discard_input(const boost::system::error_code& error);

  EventLoop& loop_;
  Socket socket_;
  const Router& router_;
  SharedIdentity identity_;
  std::unique_ptr<Partial> partial_;
  /// Bytes not used yet: of a request that is not complete, or behind one that waits.
  std::string pending_;
  std::string unsent_;
  /// Of the request at hand, for its answer.
  std::string origin_;
  std::string success_body_;
  std::chrono::steady_clock::time_point received_at_;
  std::uint32_t ticket_ = 0;
  std::uint16_t route_ = 0;
  State state_ = State::reading;
  bool steers_player_ = false;
  bool keep_alive_ = true;
  bool head_only_ = false;
  bool old_client_ = false;
  bool processing_ = false;
  bool in_transfer_ = false;
};

}  // namespace playhead
