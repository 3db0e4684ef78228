// Invocation: one run of the command: its options, the engine, the environment that the engine
// gets, and the output. One thread, but for the sinks that the engine calls.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/engine.h"
#include "cli/exit_codes.h"
#include "cli/figures.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress_line.h"

namespace mikura {

class Invocation {
 public:
  Invocation(Engine engine, const Streams& streams, std::stop_token stop);

  GlobalOptions global;
  // Whether "--" was among the words on the command line, and how many came after it.
  bool has_dashes = false;
  std::size_t words_after_dashes = 0;
  Output out;
  // What the error object of --json holds besides the error.
  Json error_details = Json::object();

  const Engine& engine() const { return engine_; }
  std::stop_token stop() const { return stop_; }
  // What the engine is given. The same key is used by all calls of one run.
  Environment environment();
  // The working copy that the current folder is in.
  Result<std::unique_ptr<Session>> session();
  // After a successful init, link or clone: the key file named is used again without being named. A
  // failure is noted and no more: the work itself is done. Without `repository`, the one whose key
  // was asked for.
  void remember_key_file(const RepositoryId* repository = nullptr);

  // Paths as typed, turned into index paths; none at all if one of them is the workspace itself.
  Result<std::vector<std::string>> index_paths(Session& session,
                                               const std::vector<std::string>& typed) const;

  // The document of --json, with the figures of the run.
  void document_with_figures(Json document);
  void clear_progress();

 private:
  KeyInput& key_input();

  Engine engine_;
  std::stop_token stop_;
  Figures figures_;
  std::unique_ptr<KeyInput> key_;
  std::unique_ptr<ProgressLine> progress_;
  std::shared_ptr<MfaSessions> mfa_sessions_ = make_mfa_sessions();
};

// Where this client remembers things: $XDG_STATE_HOME/mikura, else ~/.local/state/mikura.
std::string client_folder();

}  // namespace mikura
