// Where the user's key comes from (M3.1), in this order: --key-fd, --key-file, --key-command,
// MIKURA_KEY_FILE (a path), the key file remembered for the repository, a prompt on the terminal.
//
// Never the value of an argument or of an environment variable: other processes can see those.
// One thread.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "format/keyring.h"
#include "session/types.h"

namespace mikura {

struct KeyOptions {
  std::string file;
  int fd = -1;
  std::string command;
};

// What KeyInput needs of the world.
struct KeyInputWorld {
  std::string environment_file;  // the value of MIKURA_KEY_FILE
  std::function<std::optional<std::string>(const RepositoryId&)> remembered_file;
  // Asks on the terminal; empty if nobody is there to be asked.
  std::function<Result<SecretBytes>(const std::string& prompt)> ask;
  std::stop_token stop;
};

class KeyInput {
 public:
  KeyInput(KeyOptions options, KeyInputWorld world)
      : options_(std::move(options)), world_(std::move(world)) {}

  Result<KeySource> operator()(const KeyRequest& request);

  // The absolute path of the file that --key-file named, if that is what was used and it will still
  // be there next time (not a pipe).
  std::optional<std::string> file_to_remember() const;
  // The repository whose key was asked for last.
  const std::optional<RepositoryId>& repository() const { return repository_; }

 private:
  Result<KeySource> from_remembered_file(const std::string& path) const;
  Result<KeySource> from_terminal(const KeyRequest& request) const;

  KeyOptions options_;
  KeyInputWorld world_;
  std::optional<RepositoryId> repository_;
};

// A key file must be readable by its owner only: Code::refused otherwise.
Result<KeySource> read_key_file(const std::string& path, bool creating, std::stop_token stop);

}  // namespace mikura
