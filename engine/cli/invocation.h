// Invocation: one run of the command: global options, environment for the engine, output. One thread but for the sinks.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/cancel.h"
#include "cli/exit_codes.h"
#include "cli/key_input.h"
#include "cli/progress_line.h"
#include "session/session.h"

namespace mikura {

using Json = nlohmann::ordered_json;

struct GlobalOptions {
  std::string folder = ".";
  KeyOptions key;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool no_progress = false;
  std::string profile, region, endpoint;
};

class Invocation {
 public:
  explicit Invocation(std::stop_token stop) : stop_(std::move(stop)) {}

  GlobalOptions global;
  // Set by the parser: what the chosen verb does.
  std::function<Result<Exit>()> run;

  std::stop_token stop() const { return stop_; }
  Environment environment();
  // Where this client remembers things: $XDG_STATE_HOME/mikura.
  std::string client_folder() const;
  // After a successful init, link or clone: the key file named is used again without being named.
  Result<void> remember_key(const RepositoryId& repository);
  // The store address as typed, with --profile, --region and --endpoint added.
  Result<std::string> store_url(const std::string& typed) const;
  Result<std::unique_ptr<Session>> session();

  // A line for people on stdout; nothing with --json or --quiet.
  void say(const std::string& line);
  // The one document of --json on stdout. Adds the figures of the run.
  void document(Json json);
  void clear_progress() {
    if (progress_) progress_->clear();
  }
  Json figures() const;

 private:
  void count(const StoreRequest& request);

  std::stop_token stop_;
  std::unique_ptr<KeyInput> key_;
  std::unique_ptr<ProgressLine> progress_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();

  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, std::uint64_t> requests_;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t received_bytes_ = 0;
};

}  // namespace mikura
