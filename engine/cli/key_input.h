// Where the user's key comes from (M3.1): --key-fd, --key-file, --key-command, MIKURA_KEY_FILE (a path), the key file remembered for the repository,
// or a prompt on the terminal. Never from an argument's value or an environment variable's value.
#pragma once

#include <optional>
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

// A file or output that holds a MIKURA-KEY-1... line is a key; otherwise its first line is a passphrase. When `creating`, a passphrase
// must have at least 12 characters. `what` names the origin in errors.
Result<KeySource> parse_key_text(ByteSpan text, bool creating, std::string_view what);

// A key file must be readable by its owner only: Code::refused otherwise.
Result<KeySource> read_key_file(const std::string& path, bool creating);

class KeyInput {
 public:
  KeyInput(KeyOptions options, std::string client_folder) : options_(std::move(options)), client_folder_(std::move(client_folder)) {}

  Result<KeySource> operator()(const KeyRequest& request);

  // The absolute path of the key file that --key-file or MIKURA_KEY_FILE named, to be remembered; nullopt otherwise.
  std::optional<std::string> file_to_remember() const;

 private:
  std::string explicit_file() const;

  KeyOptions options_;
  std::string client_folder_;
};

}  // namespace mikura
