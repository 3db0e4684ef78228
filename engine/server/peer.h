// Peer: the client at the other end: what is sent to it, and the answers it owes.
//
// Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/result.h"
#include "server/messages.h"
#include "server/transport.h"

namespace mikura {

class Peer {
 public:
  explicit Peer(Transport& transport) : transport_(transport) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void notify(std::string_view method, Json params);
  void answer(const Json& id, Json result);
  void refuse(const Json& id, const Failure& failure);
  // Text of an answer that is not to be copied about: `result` is JSON already.
  void answer_secret(const Json& id, std::string result);

  // Asks, and waits for the answer: nullopt if the client answers with an error. Code::cancelled on
  // a stop, of which the client is told.
  Result<std::optional<Json>> request(std::string_view method, Json params, std::stop_token stop);

  // What the reader found.
  void take_response(IncomingMessage response);
  // No answer comes any more: whoever waits is told so, now and later.
  void end();

 private:
  struct Waiting {
    bool answered = false;
    std::optional<Json> result;
  };

  Transport& transport_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::int64_t next_id_ = 1;
  std::map<std::int64_t, Waiting> waiting_;
  bool ended_ = false;
};

// Overwrites every text in it.
void wipe_json(Json& json);

}  // namespace mikura
