// One connection: requests in, answers out, one at a time; over what, its subclass knows.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/intrusive/list_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <boost/system/error_code.hpp>

#include "command/command.h"
#include "http/connection_gate.h"
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
/// Callbacks rather than a coroutine: an idle connection is then this object alone (ADR 0004). It
/// speaks over a socket (TcpConnection), or in memory, for tests that want every byte their way.
class Connection : public boost::intrusive_ref_counter<Connection, boost::thread_unsafe_counter>,
                   public ConnectionHook {
 public:
  using Ptr = boost::intrusive_ptr<Connection>;

  Connection(EventLoop& loop, const Router& router);
  virtual ~Connection();

  void start();

  /// What its loop's watch says: it was in one state for too long.
  void on_timeout();
  /// The loop drains: close if idle, else after the answer.
  void on_drain();
  /// Its answer, which the loop's outbox kept, may go; and then, once others' went, what came
  /// behind its request.
  void send_kept();
  void go_on();
  void close();

  /// The end of a commit, or of a read on a worker, for the request that was put off. `ticket`
  /// tells it from one that was given up since.
  void on_committed(std::uint32_t ticket, const Result<void>& outcome);
  void on_read(std::uint32_t ticket, const Answer& answer);

  /// Set by its loop: since when it is in the list it is in.
  std::chrono::steady_clock::time_point watched_since;
  /// Given by its loop at the accept, and given back at the end.
  ConnectionGate::Place place = nullptr;

  EventLoop& loop() { return loop_; }
  const Router& router() const { return router_; }
  std::uint32_t ticket() const { return ticket_; }
  const SharedIdentity& identity() const { return identity_; }

 protected:
  using ErrorCodeRef = boost::system::error_code&;

  // The two ends of what it speaks over, which never wait: `would_block` says that nothing is
  // there, or that nothing more goes in. What `when_…` promises is kept by `on_readable` and
  // `on_writable`, not before it returns.
  virtual std::size_t read_some(char* into, std::size_t bytes_max, ErrorCodeRef error) = 0;
  virtual std::size_t write_some(std::string_view bytes, ErrorCodeRef error) = 0;
  virtual void when_readable() = 0;
  virtual void when_writable() = 0;
  /// Tells the other side that no more comes.
  virtual void end_sending(ErrorCodeRef error) = 0;
  virtual void end() = 0;

  void on_readable(const boost::system::error_code& error);
  void on_writable(const boost::system::error_code& error);

 private:
  friend class Exchange;

  enum class State : std::uint8_t { reading, waiting, writing, lingering, closed };

  // What a request needs that did not come in one piece.
  struct Partial {
    explicit Partial(const ParserLimits& limits) : parser(limits) {}
    RequestParser parser;
    bool admitted = false;
  };

  void prefetch_identity() const;
  std::string_view read_input(boost::system::error_code& error);
  void process(std::string_view bytes);
  void process_one(std::string_view& bytes);
  Result<RequestParser::Fed> feed(RequestParser& parser, std::string_view bytes);
  void admit_body();
  void answer_before_body();
  std::size_t body_limit(const Request& request) const;

  void handle(const Request& request);
  Outcome answer_to(const Request& request, const ReceivedAt& received_at);
  Outcome answer_options(const Request& request) const;
  void refuse(const Error& error);
  void wait_for_answer();

  void answer(const Answer& answer);
  void write(std::string_view bytes, std::string_view lasting);
  void observe_latency();
  void wait_to_write(std::string_view bytes, std::string_view lasting);
  void after_answer();
  void linger();
  void discard_input();

  EventLoop& loop_;
  const Router& router_;
  SharedIdentity identity_;
  std::unique_ptr<Partial> partial_;
  /// Bytes not used yet: of a request that is not complete, or behind one that waits.
  std::string pending_;
  std::string unsent_;
  /// What of a lasting body comes behind `unsent_`.
  std::string_view unsent_lasting_;
  /// Of the request at hand, for its answer.
  std::string_view allowed_origin_;
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
