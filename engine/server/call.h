// Call: one request of the client from its arrival to its one answer.
//
// Thread-safe but for the members that say so. Invariant: it is answered exactly once, by whoever
// comes first: what it was called for, or its cancellation.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/progress.h"
#include "crypto/uuid.h"
#include "format/keyring.h"
#include "server/peer.h"
#include "server/workers.h"

namespace mikura {

// Whose key a call was given, so that a wrong one can be dropped.
struct KeyUse {
  std::optional<RepositoryId> repository;
  std::uint64_t generation = 0;
  bool retry = false;  // the one given before was wrong
  bool fresh = false;  // the caller wants to be asked, whatever is known
  // With `fresh`, or for a new repository: what was given, to be kept once it has opened something.
  std::optional<KeySource> given;
};

class Call {
 public:
  // How it is run: what only looks is answered at once when it is cancelled.
  enum class Lane { at_once, look, change };

  Call(Peer& peer, Json id, std::string method, std::string folder, Lane lane, Json progress_token);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const Json& id() const { return id_; }
  const std::string& method() const { return method_; }
  const std::string& folder() const { return folder_; }
  Lane lane() const { return lane_; }
  std::chrono::steady_clock::time_point arrived() const { return arrived_; }
  std::stop_token stop() const { return stop_.get_token(); }

  // False if it was cancelled before it could begin.
  bool begin();
  // For work of the engine's own, which nobody waits for.
  void request_stop() { stop_.request_stop(); }
  // Requests a stop, and answers if nothing is under way that has to be finished.
  void cancel();
  bool is_answered() const { return answered_.load(); }
  bool succeeded() const { return succeeded_.load(); }
  // The answer; nothing if there was one before.
  void answer(Json result);
  void answer_secret(std::string result);
  void refuse(const Failure& failure);

  // Sent on as `$/progress`, seldom enough.
  void progress(const Progress& progress);

  // For the thread that runs it.
  KeyUse key;
  Workers* workers = nullptr;                // whose turn it holds, if that may be given away
  std::string code;                          // data.code of a failure, if it is not the error's own
  std::atomic<bool> lacks_mfa_code = false;  // any thread: asked for one, it got none
  Json details = Json::object();             // more members of data
  std::optional<int> rpc_error_code;         // instead of the one for an error of the engine

 private:
  bool claim() { return !answered_.exchange(true); }

  Peer& peer_;
  const Json id_;
  const std::string method_;
  const std::string folder_;
  const Lane lane_;
  const Json progress_token_;
  const std::chrono::steady_clock::time_point arrived_ = std::chrono::steady_clock::now();
  std::stop_source stop_;
  std::mutex begin_mutex_;  // guards begun_
  bool begun_ = false;
  std::atomic<bool> answered_ = false;
  std::atomic<bool> succeeded_ = false;
  std::atomic<std::int64_t> last_progress_ms_;
};

Failure cancelled_failure();

}  // namespace mikura
